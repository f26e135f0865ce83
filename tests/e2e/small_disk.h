// A file system in memory that is small enough to be filled. Only this process and those it starts see it, and it ends
// with them; mounting it is for root.
#pragma once

#include <string>

namespace daicho::e2e {

class SmallDisk {
 public:
  // Mounts it on `folder`, which is there and empty.
  SmallDisk(std::string folder, int mebibytes);
  ~SmallDisk();  // whatever uses it has ended
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Why it could not be mounted; empty: it is.
  const std::string& problem() const { return problem_; }

  // Takes all the room there is, and gives it back.
  void Fill() const;
  void Empty() const;

  // Nobody may have a file of it open to write.
  void SetReadOnly(bool read_only) const;

 private:
  const std::string folder_;
  std::string problem_;
};

}  // namespace daicho::e2e
