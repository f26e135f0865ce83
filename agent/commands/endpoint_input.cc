#include "agent/commands/endpoint_input.h"

#include <utility>

namespace daicho::agent {

Result<EndpointInput> EndpointInput::Open(const std::string& root) {
  auto files = RootedFileTree::Open(root);
  if (!files) {
    return Fail(Code::kInvalidArgument, files.error().message + "; --root must be a folder with the files of a system");
  }
  EndpointInput input;
  input.files_ = std::make_unique<RootedFileTree>(std::move(*files));
  if (root == "/") {
    input.system_ = std::make_unique<LiveSystem>();
  } else {
    input.system_ = std::make_unique<NoSystem>();
  }
  return input;
}

}  // namespace daicho::agent
