// The stores that the conformance suite runs on. Another engine joins by a line in AllStoreFactories().
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/store/store.h"

namespace daicho::collector::testing {

// Where one test's ledger is. Gone with the object.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  // Opens the one store of this place, creating it at the first call: opening again shows what is on disk. Throws.
  virtual std::unique_ptr<Store> Open() = 0;
  // Runs SQL on the tables themselves, as a disk or a hand that does wrong would. Throws.
  virtual void Tamper(const std::string& sql) = 0;
};

struct StoreFactory {
  std::string name;
  std::function<std::unique_ptr<StorePlace>()> make;
};

inline void PrintTo(const StoreFactory& factory, std::ostream* out) { *out << factory.name; }

std::vector<StoreFactory> AllStoreFactories();

// PostgreSQL if DAICHO_TEST_STORE=postgres (daicho_test(… BOTH_STORES)), otherwise SQLite.
std::unique_ptr<StorePlace> PlaceOfEnvironment();

// Base of the conformance suite.
class StoreTest : public ::testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    store_.reset();
    store_ = place_->Open();
  }
  Store& store() { return *store_; }
  StorePlace& place() { return *place_; }

 private:
  const std::unique_ptr<StorePlace> place_ = GetParam().make();
  std::unique_ptr<Store> store_;
};

inline std::string FactoryName(const ::testing::TestParamInfo<StoreFactory>& info) { return info.param.name; }

}  // namespace daicho::collector::testing
