// One collection: which sources are asked, and that none of them can end the process.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/sources/source.h"

namespace daicho::agent {

// The source's section. An exception of a library (out of memory, a protobuf over its limit) becomes a FAILED section.
v1::Section CollectSection(const Source& source, const SourceInput& input);

// The sources of the sections named, in the order of `all` and each once; all of them if no name is given. The
// pointers are into `all`. kInvalidArgument: an unknown name; the message lists the valid ones.
Result<std::vector<const Source*>> SelectSources(std::span<const std::string> names,
                                                 std::span<const Source> all = AllSources());

}  // namespace daicho::agent
