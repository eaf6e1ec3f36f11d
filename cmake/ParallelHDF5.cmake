# HDF5 that fits the MPI found: FindHDF5, and two checks that it does not make. HDF5 must be built
# for parallel use, and by the same MPI library as the program: with another one it would link,
# and then fail or hang when it runs.

# The dynamic libraries that one needs, or (TAG SONAME) the name by which others need it.
function(ls_dynamic_names out tag library)
  execute_process(COMMAND ${CMAKE_READELF} -d ${library} OUTPUT_VARIABLE entries ERROR_QUIET)
  string(REGEX MATCHALL "\\(${tag}\\)[^\n]*\\[[^]\n]*\\]" lines "${entries}")
  set(names "")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE ".*\\[(.*)\\]" "\\1" name "${line}")
    list(APPEND names ${name})
  endforeach()
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

# Stops where a shared HDF5 library needs an MPI library that is none of those found.
function(ls_check_hdf5_mpi)
  set(own "")
  foreach(library IN LISTS MPI_C_LIBRARIES)
    ls_dynamic_names(name SONAME ${library})
    list(APPEND own ${name})
  endforeach()
  foreach(library IN LISTS HDF5_C_LIBRARIES)
    ls_dynamic_names(needed NEEDED "${library}")
    list(FILTER needed INCLUDE REGEX "^libmpi(ch|_cray[^.]*)?[.]so")
    foreach(name IN LISTS needed)
      if(own AND NOT name IN_LIST own)
        message(FATAL_ERROR
          "${library} was built with another MPI (${name}) than the one found "
          "(${MPI_C_LIBRARIES}). Choose the MPI with -DMPI_C_COMPILER=..., or the HDF5 with "
          "-DHDF5_ROOT=... or -DHDF5_C_COMPILER_EXECUTABLE=.../h5pcc, in a new build folder.")
      endif()
    endforeach()
  endforeach()
endfunction()

# Sets LS_HDF5_FOUND and makes the target ls_hdf5. MPI has been found.
function(ls_find_parallel_hdf5)
  set(LS_HDF5_FOUND FALSE PARENT_SCOPE)
  # Debian installs HDF5 for several MPIs side by side, whose wrappers end in the MPI's name.
  if(MPI_C_HEADER_DIR MATCHES "^/usr/.*/(openmpi|mpich)" AND NOT HDF5_ROOT
     AND NOT DEFINED ENV{HDF5_ROOT})
    find_program(HDF5_C_COMPILER_EXECUTABLE h5pcc.${CMAKE_MATCH_1})
  endif()
  set(HDF5_PREFER_PARALLEL TRUE)
  find_package(HDF5 COMPONENTS C HL)
  if(NOT HDF5_FOUND)
    return()
  endif()
  if(NOT HDF5_IS_PARALLEL)
    message(STATUS "The HDF5 found is not built for parallel use: ${HDF5_C_LIBRARIES}")
    return()
  endif()
  ls_check_hdf5_mpi()
  add_library(ls_hdf5 INTERFACE IMPORTED)
  target_link_libraries(ls_hdf5 INTERFACE hdf5::hdf5_hl hdf5::hdf5)
  set(LS_HDF5_FOUND TRUE PARENT_SCOPE)
endfunction()
