/* Speeds of matrix products, in GFLOP/s on one core: OpenBLAS's sgemm beside oneDNN's in single
 * precision and in bfloat16 (summed up in single precision), at the shapes of training steps of
 * some networks of networks.py with a batch of 128. Medians of alternating rounds.
 * See README.md, "Lower precision". */
#include <cblas.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

using namespace dnnl;

static const int shapes[][3] = {{128, 500, 784},   {784, 500, 128},   {128, 300, 500}, /* A2 */
                                {128, 4096, 4096}, {4096, 4096, 128},                  /* wide */
                                {73728, 64, 288},                                      /* A3 */
                                {1024, 1024, 1024}};
enum { ROUNDS = 9 };

static double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

class Product {
public:
  Product(engine &e, memory::dim m, memory::dim n, memory::dim k, memory::data_type type)
      : queue(e) {
    memory::desc a_of({m, k}, type, memory::format_tag::ab);
    memory::desc b_of({k, n}, type, memory::format_tag::ab);
    memory::desc c_of({m, n}, memory::data_type::f32, memory::format_tag::ab);
    a = memory(a_of, e);
    b = memory(b_of, e);
    c = memory(c_of, e);
    std::memset(a.get_data_handle(), 0, a_of.get_size());
    std::memset(b.get_data_handle(), 0, b_of.get_size());
    call = matmul(matmul::primitive_desc(matmul::desc(a_of, b_of, c_of), e));
  }

  void run() {
    call.execute(queue, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
    queue.wait();
  }

private:
  stream queue;
  memory a, b, c;
  matmul call;
};

template <class Call> static double speed(double operations, Call call) {
  int times = 0;
  call();
  double start = now();
  for (; now() - start < 0.06; times++) call();
  return operations * times / (now() - start) * 1e-9;
}

static double median(std::vector<double> &values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int main() {
  engine cpu(engine::kind::cpu, 0);
  printf("%s\n%6s %5s %5s %9s %16s %18s\n", openblas_get_config(), "m", "n", "k", "sgemm",
         "oneDNN, single", "oneDNN, bfloat16");
  for (const int *shape : shapes) {
    int m = shape[0], n = shape[1], k = shape[2];
    std::vector<float> a((size_t)m * k), b((size_t)k * n), c((size_t)m * n);
    Product single(cpu, m, n, k, memory::data_type::f32);
    Product half(cpu, m, n, k, memory::data_type::bf16);
    std::vector<double> speeds[3];
    for (int round = 0; round < ROUNDS; round++) {
      double operations = 2.0 * m * n * k;
      speeds[0].push_back(speed(operations, [&] {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a.data(), k, b.data(), n,
                    0, c.data(), n);
      }));
      speeds[1].push_back(speed(operations, [&] { single.run(); }));
      speeds[2].push_back(speed(operations, [&] { half.run(); }));
    }
    double plain = median(speeds[0]), one = median(speeds[1]), two = median(speeds[2]);
    printf("%6d %5d %5d %9.1f %9.1f (%.2f) %11.1f (%.2f)\n", m, n, k, plain, one, one / plain, two,
           two / plain);
    fflush(stdout);
  }
}
