// What the collection process does: asks the sources, keeps the evidence of use, writes the pipe. Thread-compatible.
#pragma once

#include <span>
#include <string>

#include "agent/sources/source.h"
#include "common/error.h"

namespace daicho::agent {

// Adds to the rows of the accounts section what earlier cycles saw (sources/evidence.h) and keeps the result in `path`,
// a row file, before anything is sent: with the collector away, or a log rotated away, no evidence is lost. A FAILED
// section leaves the file as it is; a file that cannot be used is an issue of the section and is replaced.
void KeepEvidence(const std::string& path, UnixTime now, v1::Section& accounts);

// Asks every source and writes plan, sections and trailer to `fd`. With the reader gone, sections that keep evidence
// are still collected. kUnavailable: the reader was gone.
Status CollectIntoPipe(std::span<const Source* const> sources, const SourceInput& input,
                       const std::string& evidence_path, int fd);

}  // namespace daicho::agent
