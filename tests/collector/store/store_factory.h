// The stores that the conformance suite runs on. Another engine joins by a line in AllStoreFactories().
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/store/store.h"

namespace daicho::collector::testing {

// A folder of its own that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string File(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct StoreFactory {
  std::string name;
  // Opens the one store of this test, creating it at the first call: opening again shows what is on disk.
  std::function<std::unique_ptr<Store>(const TemporaryFolder&)> open;
};

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
