// The stores that the conformance suite runs on. Another engine joins by a line in AllStoreFactories().
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/store/store.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {

struct StoreFactory {
  std::string name;
  // Opens the one store of this test, creating it at the first call: opening again shows what is on disk.
  std::function<std::unique_ptr<Store>(const TemporaryFolder&)> open;
};

inline void PrintTo(const StoreFactory& factory, std::ostream* out) { *out << factory.name; }

std::vector<StoreFactory> AllStoreFactories();

// Base of the conformance suite.
class StoreTest : public ::testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    store_.reset();
    store_ = GetParam().open(folder_);
  }
  Store& store() { return *store_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

inline std::string FactoryName(const ::testing::TestParamInfo<StoreFactory>& info) { return info.param.name; }

}  // namespace daicho::collector::testing
