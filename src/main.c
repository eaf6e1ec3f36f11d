/* The program `lockstep`. */
#include "lockstep/program.h"

int main(int argc, char **argv) {
  return ls_main(argc, argv);
}
