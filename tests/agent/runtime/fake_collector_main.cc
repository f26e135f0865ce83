// The fake collector as a program, for measuring the agent alone: prints its endpoint, serves until its input ends.
//   fake_collector CA_FILE
#include <cstdio>
#include <ctime>

#include "common/files.h"
#include "tests/agent/runtime/fake_collector.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  daicho::agent::FakeCollector collector(std::time(nullptr));
  if (!daicho::WriteFileAtomically(argv[1], collector.AuthorityPem())) return 5;
  std::printf("%s %s\n", collector.Endpoint().c_str(), collector.token.c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
