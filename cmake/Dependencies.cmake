# What Lockstep needs besides the compiler, found as CMake projects find it, so that environment
# modules, Spack and EasyBuild work: MPI_C_COMPILER or an mpicc in PATH, HDF5_ROOT or an h5pcc in
# PATH, PKG_CONFIG_PATH and CMAKE_PREFIX_PATH. All that is missing is reported at once, with the
# names of the packages that have it.
#
# Optional are libraries for formats of data (ls_formats): without one of them `lockstep data` says
# that the program was built without it.
#
# Targets: Threads::Threads, MPI::MPI_C, ls_hdf5, ls_openblas, PkgConfig::YAML, PkgConfig::XXHASH,
# PkgConfig::JANSSON, PkgConfig::QHULL, ZLIB::ZLIB, ls_random123, ls_formats.
include(CheckCSourceCompiles)
include(${CMAKE_CURRENT_LIST_DIR}/ParallelHDF5.cmake)

# ls_require(FOUND WHAT DEBIAN FEDORA SPACK): notes WHAT as missing unless FOUND is true.
function(ls_require found what debian fedora spack)
  if(NOT found)
    set_property(GLOBAL APPEND_STRING PROPERTY LS_MISSING
                 "\n  ${what}\n    Debian: ${debian}\n    Fedora: ${fedora}\n    Spack:  ${spack}")
  endif()
endfunction()

function(ls_report_missing)
  get_property(missing GLOBAL PROPERTY LS_MISSING)
  if(missing)
    set_property(GLOBAL PROPERTY LS_MISSING "")
    message(FATAL_ERROR "Lockstep needs these, which were not found. Packages that have them:"
                        "${missing}\n")
  endif()
endfunction()

# OpenBLAS by pkg-config, by its own CMake package, or by CMake's search for BLAS libraries.
function(ls_find_openblas)
  add_library(ls_openblas INTERFACE IMPORTED)
  pkg_check_modules(OPENBLAS QUIET IMPORTED_TARGET GLOBAL openblas)
  if(NOT OPENBLAS_FOUND)
    find_package(OpenBLAS CONFIG QUIET)
  endif()
  if(OPENBLAS_FOUND)
    target_link_libraries(ls_openblas INTERFACE PkgConfig::OPENBLAS)
  elseif(OpenBLAS_FOUND)
    target_include_directories(ls_openblas INTERFACE ${OpenBLAS_INCLUDE_DIRS})
    target_link_libraries(ls_openblas INTERFACE ${OpenBLAS_LIBRARIES})
  else()
    set(BLA_VENDOR OpenBLAS)
    find_package(BLAS QUIET)
    find_path(OPENBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas)
    if(BLAS_FOUND AND OPENBLAS_INCLUDE_DIR)
      target_include_directories(ls_openblas INTERFACE ${OPENBLAS_INCLUDE_DIR})
      target_link_libraries(ls_openblas INTERFACE ${BLAS_LIBRARIES})
    endif()
  endif()
endfunction()

# ls_add_format(NAME DEBIAN [HEADER LIBRARY]...): adds optional libraries to ls_formats, which then
# defines LS_HAS_NAME. The option LS_NAME=OFF leaves out what is installed.
function(ls_add_format name debian)
  option(LS_${name} "Use ${debian} where installed" ON)
  set(found ${LS_${name}})
  while(ARGN)
    list(POP_FRONT ARGN header library)
    find_path(LS_INCLUDE_${library} ${header})
    find_library(LS_LIBRARY_${library} ${library})
    mark_as_advanced(LS_INCLUDE_${library} LS_LIBRARY_${library})
    if(NOT LS_INCLUDE_${library} OR NOT LS_LIBRARY_${library})
      set(found OFF)
    endif()
    list(APPEND includes ${LS_INCLUDE_${library}})
    list(APPEND libraries ${LS_LIBRARY_${library}})
  endwhile()
  if(found)
    target_include_directories(ls_formats SYSTEM INTERFACE ${includes})
    target_link_libraries(ls_formats INTERFACE ${libraries})
    target_compile_definitions(ls_formats INTERFACE LS_HAS_${name})
  else()
    message(STATUS "lockstep data is built without ${debian}")
  endif()
endfunction()

find_package(PkgConfig)
ls_require("${PKG_CONFIG_FOUND}" "pkg-config" pkgconf pkgconf-pkg-config pkgconf)
ls_report_missing() # the others are searched for with it

find_package(Threads REQUIRED)
if(MPI_C_COMPILER MATCHES "mpicc([.][a-z]+)$") # as Debian names those of several MPIs
  find_program(MPIEXEC_EXECUTABLE mpiexec${CMAKE_MATCH_1})
endif()
find_package(MPI 3.0 COMPONENTS C)
ls_require("${MPI_C_FOUND}" "MPI 3 or newer, with its compiler wrapper mpicc in PATH"
           "libopenmpi-dev openmpi-bin" "openmpi-devel, then: module load mpi" openmpi)

find_package(ZLIB)
ls_require("${ZLIB_FOUND}" "zlib" zlib1g-dev zlib-devel zlib)

pkg_check_modules(YAML IMPORTED_TARGET yaml-0.1)
ls_require("${YAML_FOUND}" "libyaml" libyaml-dev libyaml-devel libyaml)

pkg_check_modules(XXHASH IMPORTED_TARGET libxxhash)
ls_require("${XXHASH_FOUND}" "xxHash" libxxhash-dev xxhash-devel xxhash)

pkg_check_modules(JANSSON IMPORTED_TARGET jansson)
ls_require("${JANSSON_FOUND}" "Jansson" libjansson-dev jansson-devel jansson)

pkg_check_modules(QHULL IMPORTED_TARGET qhull_r)
ls_require("${QHULL_FOUND}" "Qhull, its reentrant library" libqhull-dev qhull-devel
           "qhull +shared")

find_path(RANDOM123_INCLUDE_DIR Random123/philox.h)
ls_require("${RANDOM123_INCLUDE_DIR}" "Random123" librandom123-dev Random123-devel random123)
add_library(ls_random123 INTERFACE IMPORTED)

ls_find_openblas()
set(CMAKE_REQUIRED_LIBRARIES ls_openblas m)
check_c_source_compiles("
#include <cblas.h>
void dsyevr_(void);
int main(void) {
  openblas_set_num_threads(1);
  dsyevr_();
  return cblas_ddot(0, 0, 1, 0, 1) != 0;
}" LS_OPENBLAS_WORKS)
unset(CMAKE_REQUIRED_LIBRARIES)
if(NOT LS_OPENBLAS_WORKS)
  unset(LS_OPENBLAS_WORKS CACHE) # it may be installed before the next try
endif()
ls_require("${LS_OPENBLAS_WORKS}" "OpenBLAS, with CBLAS and LAPACK" libopenblas-dev openblas-devel
           "openblas")

if(MPI_C_FOUND)
  ls_find_parallel_hdf5()
  ls_require("${LS_HDF5_FOUND}"
             "HDF5 built with this MPI, and its high-level library (h5pcc in PATH, or HDF5_ROOT)"
             "libhdf5-openmpi-dev (or, for MPICH, libhdf5-mpich-dev)"
             "hdf5-openmpi-devel, then: module load mpi" "hdf5 +mpi +hl")
endif()
ls_report_missing()
if(RANDOM123_INCLUDE_DIR)
  target_include_directories(ls_random123 SYSTEM INTERFACE ${RANDOM123_INCLUDE_DIR})
endif()

add_library(ls_formats INTERFACE IMPORTED)
ls_add_format(CSV libcsv-dev csv.h csv)
ls_add_format(ZIP libzip-dev zip.h zip)
ls_add_format(IMAGES "libpng-dev and libjpeg-dev" png.h png jpeglib.h jpeg)
