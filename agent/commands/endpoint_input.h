// What the sources see for a --root option.
#pragma once

#include <memory>
#include <string>

#include "agent/collect/rooted_file_tree.h"
#include "agent/collect/system_views.h"
#include "agent/sources/source.h"
#include "common/error.h"

namespace daicho::agent {

class EndpointInput {
 public:
  // "/" is the running system; any other root is another system, of which only files are known.
  static Result<EndpointInput> Open(const std::string& root);

  // Valid as long as this object, at its place.
  SourceInput At(UnixTime now) const { return {*files_, *system_, now}; }

 private:
  std::unique_ptr<RootedFileTree> files_;
  std::unique_ptr<SystemView> system_;
};

}  // namespace daicho::agent
