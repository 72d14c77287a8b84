// The roof: what this machine's processor attains in plain C++, and the two kernels that decide, written for it by hand.
// c++ -O3 -march=native -ffast-math -std=c++20 -pthread roof.cpp; requests as in common.py, one argument: threads.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>
#if defined(__AVX512F__)
constexpr int W = 8;
#elif defined(__AVX__)
constexpr int W = 4;
#else
constexpr int W = 2;
#endif
typedef double V __attribute__((vector_size(8 * W)));
typedef double V2 __attribute__((vector_size(16)));
typedef int64_t I __attribute__((vector_size(8 * W)));
using Doubles = std::vector<double>;
using Pack = std::vector<V>;
int threads = 1;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
V load(const double *p) { V v; __builtin_memcpy(&v, p, sizeof v); return v; }
double total(V v) { double s = 0; for (int k = 0; k < W; k++) s += v[k]; return s; }
V positive(V v, V other) { return (V)((I)other & (I)(v > 0)); }

Doubles numbers(long count, int64_t seed) {  // the linear congruence of data.ts
  Doubles out(count);
  int64_t state = (seed * 2654435 + 12345) % 2147483648;
  for (double &v : out) state = (1103515245 * state + 12345) % 2147483648, v = state / 1073741824.0 - 1;
  return out;
}
std::function<void(int)> job;
std::atomic<int> sequence{0}, done{0};
void startTeam() {
  for (int t = 1; t < threads; t++)
    std::thread([t] {
      for (int seen = 0;; job(t), done++) sequence.wait(seen), seen++;
    }).detach();
}
template <class F> void parallel(long count, F f) {  // f(thread, from, to): equal parts, the first by the caller
  job = [&](int t) { f(t, count * t / threads, count * (t + 1) / threads); };
  done = 0;
  sequence++;
  sequence.notify_all();
  job(0);
  while (done < threads - 1) std::this_thread::yield();
}
V exponential(V x) {  // 2^k e^r with |r| <= ln 2 / 2, polynomial of degree 12: relative error below 1e-14
  const V shift = V{} + 6755399441055744.0;
  x = x > -700 ? x : V{} - 700;
  V z = x * 1.4426950408889634 + shift;
  __asm__("" : "+x"(z));  // -ffast-math would cancel the shift
  const V k = z - shift, r = (x - k * 0.693145751953125) - k * 1.42860682030941723e-6;
  static const double c[] = {1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320, 1. / 5040, 1. / 720,
                             1. / 120, 1. / 24, 1. / 6, .5, 1, 1};
  V p = V{} + c[0];
  for (int j = 1; j < 13; j++) p = p * r + c[j];
  return (V)((I)p + ((I)z << 52));
}
template <class T> double chains(bool fused) {  // GFLOP/s of 14 independent multiply-adds in registers
  T a{}, b{}, c{}, d{}, e{}, h{}, i{}, j{}, k{}, l{}, m{}, o{}, p{}, q{};
  const T f = T{} + 0.999999, g = T{} + 1e-6;
#define FUSED(v) v = v * f + g; __asm__ volatile("" : "+x"(v));
#define APART(v) v *= f; __asm__ volatile("" : "+x"(v)); v += g; __asm__ volatile("" : "+x"(v));
#define ALL(M) M(a) M(b) M(c) M(d) M(e) M(h) M(i) M(j) M(k) M(l) M(m) M(o) M(p) M(q)
  double best = 1e9;
  for (int repeat = 0; repeat < 20; repeat++) {
    const double start = now();
    if (fused) for (long n = 0; n < 1'000'000; n++) { ALL(FUSED) }
    else for (long n = 0; n < 1'000'000; n++) { ALL(APART) }
    best = std::min(best, now() - start);
  }
  return 2e-9 * 1'000'000 * 14 * (sizeof(T) / 8) / best;
}
double stream() {  // GB/s of reading 256 MB
  Doubles big(32'000'000, 1.0);
  Doubles sums(threads * 8);
  double best = 1e9;
  for (int repeat = 0; repeat < 5; repeat++) {
    const double start = now();
    parallel(big.size() / W, [&](int t, long from, long to) {
      V s[4] = {};
      for (long k = from; k + 4 <= to; k += 4) for (int j = 0; j < 4; j++) s[j] += load(&big[(k + j) * W]);
      sums[8 * t] += total(s[0] + s[1] + s[2] + s[3]);
    });
    best = std::min(best, now() - start);
  }
  return 8e-9 * big.size() / best;
}
struct Network {  // relu, potential by Euler's identity for 1-homogeneous functions; panels of two vectors of atoms
  int d, n, rows, panels;
  Doubles x, y, u, potential, gradient;
  Pack packed, kept;
  Network(int d, int n, int rows) : d(d), n(n), rows(rows), panels((n + 2 * W - 1) / (2 * W)), x(numbers((long)rows * d + 4, 1)),
      y(numbers(rows, 2)), u(numbers((long)n * (d + 2), 3)), potential(n), gradient((long)n * (d + 2)),
      packed((long)panels * (d + 2) * 2), kept(d > 24 ? (long)panels * rows * 2 : 0) {}
  void forward(const V *w, V *z, int from, int to) {  // z = w.x + b for four rows at a time
    for (int l = from; l < to; l += 4) {
      V s[4][2];
      for (int k = 0; k < 4; k++) s[k][0] = w[2 * (d + 1)], s[k][1] = w[2 * (d + 1) + 1];
      const double *r[4];
      for (int k = 0; k < 4; k++) r[k] = &x[(long)std::min(l + k, rows - 1) * d];
      for (int c = 0; c < d; c++) {
        const V w0 = w[2 * c + 2], w1 = w[2 * c + 3];
        for (int k = 0; k < 4; k++) s[k][0] += w0 * r[k][c], s[k][1] += w1 * r[k][c];
      }
      for (int k = 0; k < 4 && l + k < to; k++) z[2 * (l + k)] = s[k][0], z[2 * (l + k) + 1] = s[k][1];
    }
  }
  void step() {
    std::vector<Doubles> parts(threads, Doubles(rows));
    Doubles r(rows);
    parallel(panels, [&](int t, long from, long to) {
      Pack own(2 * rows), sums(rows);
      for (long p = from; p < to; p++) {
        V *w = &packed[p * (d + 2) * 2], *z = kept.empty() ? own.data() : &kept[p * rows * 2];
        for (int c = 0; c < d + 2; c++)
          for (int k = 0; k < 2 * W; k++) {
            const long i = p * 2 * W + k;
            w[2 * c + k / W][k % W] = i < n ? u[i * (d + 2) + c] : 0;
          }
        forward(w, z, 0, rows);
        for (int l = 0; l < rows; l++) sums[l] += w[0] * positive(z[2 * l], z[2 * l]) + w[1] * positive(z[2 * l + 1], z[2 * l + 1]);
      }
      for (int l = 0; l < rows; l++) parts[t][l] = total(sums[l]);
    });
    for (int l = 0; l < rows; l++) {
      for (auto &part : parts) r[l] += part[l];
      r[l] = (r[l] / n - y[l]) / rows;
    }
    parallel(panels, [&](int, long from, long to) {
      Pack own(2 * rows), g(2 * (d + 4));
      for (long p = from; p < to; p++) {
        V *w = &packed[p * (d + 2) * 2], *z = kept.empty() ? own.data() : &kept[p * rows * 2];
        if (kept.empty()) forward(w, z, 0, rows);
        V b0 = {}, b1 = {};
        for (int l = 0; l < rows; l++)
          b0 += z[2 * l] = positive(z[2 * l], V{} + r[l]), b1 += z[2 * l + 1] = positive(z[2 * l + 1], V{} + r[l]);
        for (int c = 0; c < d; c += 4) {
          V s[4][2] = {};
          for (int l = 0; l < rows; l++) {  // up to three features past the last are read and not used
            const V z0 = z[2 * l], z1 = z[2 * l + 1];
            const double *v = &x[(long)l * d + c];
            for (int k = 0; k < 4; k++) s[k][0] += z0 * v[k], s[k][1] += z1 * v[k];
          }
          for (int k = 0; k < 4; k++) g[2 * (c + k)] = s[k][0], g[2 * (c + k) + 1] = s[k][1];
        }
        for (int k = 0; k < 2 * W && p * 2 * W + k < n; k++) {
          const long i = p * 2 * W + k;
          const double *ui = &u[i * (d + 2)], bias = (k < W ? b0 : b1)[k % W];
          double *gi = &gradient[i * (d + 2)], sr = ui[d + 1] * bias;
          for (int c = 0; c < d; c++) sr += ui[c + 1] * g[2 * c + k / W][k % W], gi[c + 1] = ui[0] * g[2 * c + k / W][k % W];
          gi[0] = sr, gi[d + 1] = ui[0] * bias, potential[i] = ui[0] * sr;
        }
      }
    });
  }
};
template <int D> struct Gaussian {  // two vectors of atoms against one atom at a time, all in registers
  int n;
  Doubles x, potential, gradient;
  explicit Gaussian(int n) : n(n), x(numbers((long)n * D, 4)), potential(n), gradient((long)n * D) {}
  void step() {
    parallel((n + 2 * W - 1) / (2 * W), [&](int, long from, long to) {
      for (long p = from; p < to; p++) {
        V xi[2][D] = {}, s[2][D + 1] = {};
        for (int k = 0; k < 2 * W; k++)
          for (int c = 0; c < D; c++) xi[k / W][c][k % W] = x[std::min<long>(p * 2 * W + k, n - 1) * D + c];
        for (int j = 0; j < n; j++)
          for (int h = 0; h < 2; h++) {
            V q = {};
            for (int c = 0; c < D; c++) { const V e = xi[h][c] - x[j * D + c]; q += e * e; }
            const V k = exponential(-q);
            s[h][0] += k;
            for (int c = 0; c < D; c++) s[h][c + 1] += k * (xi[h][c] - x[j * D + c]);
          }
        for (int k = 0; k < 2 * W && p * 2 * W + k < n; k++) {
          const long i = p * 2 * W + k;
          potential[i] = s[k / W][0][k % W] / n;
          for (int c = 0; c < D; c++) gradient[i * D + c] = -2 * s[k / W][c + 1][k % W] / n;
        }
      }
    });
  }
};
long memory(const char *field) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) if (word == field) { long kilobytes; file >> kilobytes; return kilobytes; }
  return 0;
}
void checksum(const Doubles &v, const char *before) {
  double sum = 0, weighted = 0;
  for (size_t k = 0; k < v.size(); k++) sum += v[k], weighted += v[k] * std::cos((double)k);
  std::printf("%s%.17g,%.17g,%.17g,%.17g", before, v[0], v.back(), sum / v.size(), weighted / v.size());
}
struct Work { std::function<void()> step; const Doubles *potential = nullptr, *gradient = nullptr; };
template <class T> Work work(std::shared_ptr<T> it) { return {[it] { it->step(); }, &it->potential, &it->gradient}; }

int main(int, char **argv) {
  threads = std::atoi(argv[1]);
  startTeam();
  std::printf("{\"library\":\"C++\",\"version\":\"%d bits\"}\n", 64 * W);
  Work now_at;
  long base = 0;
  for (std::string line, verb, kind, word; std::fflush(stdout), std::getline(std::cin, line);) {
    std::istringstream words(line);
    words >> verb;
    if (verb == "roof") {
      const double wide = chains<V>(true), portable = chains<V2>(false);
      std::printf("{\"fused\":%g,\"portable\":%g,\"stream\":%g}\n", wide, portable, stream());
      continue;
    }
    double limit = 0;
    if (verb == "prepare") {
      std::map<std::string, std::string> p;
      words >> kind;
      while (words >> word) p[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
      const auto size = [&](const char *name) { return std::atoi(p[name].c_str()); };
      now_at = {};
      std::ofstream("/proc/self/clear_refs") << "5";
      base = memory("VmRSS:");
      if (kind == "network" && p["activation"] == "relu") now_at = work(std::make_shared<Network>(size("d"), size("n"), size("rows")));
      if (kind == "gaussian" && p["d"] == "3") now_at = work(std::make_shared<Gaussian<3>>(size("n")));
      if (!now_at.step) { std::printf("{\"skip\":\"is written for relu networks and Gaussian kernels with d 3\"}\n"); continue; }
    } else if (verb == "turn") words >> limit;
    else {
      checksum(*now_at.potential, "{\"check\":["), checksum(*now_at.gradient, ",");
      std::printf("],\"peak\":%ld,\"base\":%ld}\n", memory("VmHWM:"), base);
      continue;
    }
    double sum = 0;
    for (int k = 0; k == 0 || (k < 50 && sum < limit); k++) {
      const double start = now();
      now_at.step();
      const double seconds = now() - start;
      sum += seconds;
      std::printf("%s%.9g", k ? "," : "{\"seconds\":[", seconds);
    }
    std::printf("]}\n");
  }
  std::_Exit(0);  // the team waits for ever
}
