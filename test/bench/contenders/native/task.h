/* What every task of this folder offers to main.c. Vectors are packed as the model declares its parameters. */

/* Reads the data that stand behind the vectors in the file. */
void prepare(void);
/* Writes the gradient at x to g and returns the loss. */
double loss_and_gradient(const double *x, double *g);
/* Writes the Hessian at x times v to h. */
void hvp(const double *x, const double *v, double *h);

/* The next numbers of the file, in memory of their own. */
int *read_ints(int count);
double *read_doubles(int count);
/* Zeros. */
double *workspace(int count);
