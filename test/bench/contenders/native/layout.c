/* Springs between points of the plane, as a loop over pairs; parameters x, y. */
#include "task.h"
#include <math.h>

static int points, pairs;
static const int *first, *second;
static const double *length;

void prepare(void) {
  const int *sizes = read_ints(2);
  points = sizes[0];
  pairs = sizes[1];
  first = read_ints(pairs);
  second = read_ints(pairs);
  length = read_doubles(pairs);
}

double loss_and_gradient(const double *p, double *g) {
  const double *x = p, *y = p + points;
  double loss = 0;
  for (int k = 0; k < 2 * points; k++) g[k] = 0;
  for (int k = 0; k < pairs; k++) {
    int i = first[k], j = second[k];
    double dx = x[i] - x[j], dy = y[i] - y[j];
    double distance = sqrt(dx * dx + dy * dy + 1);
    double stretch = distance - length[k];
    loss += stretch * stretch;
    double pull = 2 * stretch / distance;
    g[i] += pull * dx;
    g[j] -= pull * dx;
    g[points + i] += pull * dy;
    g[points + j] -= pull * dy;
  }
  return loss;
}

void hvp(const double *p, const double *v, double *h) {
  const double *x = p, *y = p + points;
  for (int k = 0; k < 2 * points; k++) h[k] = 0;
  for (int k = 0; k < pairs; k++) {
    int i = first[k], j = second[k];
    double dx = x[i] - x[j], dy = y[i] - y[j];
    double vx = v[i] - v[j], vy = v[points + i] - v[points + j];
    double distance = sqrt(dx * dx + dy * dy + 1);
    double rest = length[k] / distance;
    double pull = 2 - 2 * rest;
    double turn = 2 * rest * (dx * vx + dy * vy) / (distance * distance);
    double hx = pull * vx + turn * dx, hy = pull * vy + turn * dy;
    h[i] += hx;
    h[j] -= hx;
    h[points + i] += hy;
    h[points + j] -= hy;
  }
}
