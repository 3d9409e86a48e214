/*
 * Times a task: main FILE ROUNDS MILLISECONDS. The file holds, as this machine writes numbers, the number of parameters
 * (int32), a point and a direction, then the task's data. Prints CPU microseconds a call of each function, one number a
 * round, and what the functions computed: lines of JSON.
 */
#include "task.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static FILE *file;

static void *read_numbers(size_t size, int count) {
  void *numbers = malloc(size * (size_t)(count > 0 ? count : 1));
  if (!numbers || fread(numbers, size, (size_t)count, file) != (size_t)count) {
    fprintf(stderr, "the file ends early\n");
    exit(1);
  }
  return numbers;
}

int *read_ints(int count) { return read_numbers(sizeof(int), count); }
double *read_doubles(int count) { return read_numbers(sizeof(double), count); }
double *workspace(int count) { return calloc((size_t)count, sizeof(double)); }

static double *x, *v, *g, *h;
static double loss;

static void run_gradient(void) { loss = loss_and_gradient(x, g); }
static void run_hvp(void) { hvp(x, v, h); }

/* Microseconds of CPU time of this process. */
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static double time_of(void (*run)(void), int calls) {
  double start = now();
  for (int call = 0; call < calls; call++) run();
  return now() - start;
}

static void print_times(const char *name, void (*run)(void), int rounds, double milliseconds) {
  int calls = 1;
  while (time_of(run, calls) < 500 * milliseconds) calls *= 2;
  printf("{\"%s\":[", name);
  for (int round = 0; round < rounds; round++) printf("%s%.6g", round > 0 ? "," : "", time_of(run, calls) / calls);
  printf("]}\n");
}

static void print_numbers(const char *name, const double *numbers, int count) {
  printf("{\"%s\":[", name);
  for (int k = 0; k < count; k++) printf("%s%.17g", k > 0 ? "," : "", numbers[k]);
  printf("]}\n");
}

int main(int argc, char **argv) {
  if (argc != 4 || !(file = fopen(argv[1], "rb"))) {
    fprintf(stderr, "usage: %s FILE ROUNDS MILLISECONDS\n", argv[0]);
    return 1;
  }
  int count = *read_ints(1);
  x = read_doubles(count);
  v = read_doubles(count);
  g = workspace(count);
  h = workspace(count);
  prepare();
  print_times("lossAndGradient", run_gradient, atoi(argv[2]), atof(argv[3]));
  print_times("hvp", run_hvp, atoi(argv[2]), atof(argv[3]));
  print_numbers("loss", &loss, 1);
  print_numbers("g", g, count);
  print_numbers("h", h, count);
  return 0;
}
