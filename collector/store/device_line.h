// Is a device that checks in the one that did so before, or a copy of its state folder (a cloned disk, a restored
// snapshot)? Both have the key. What tells them apart is the conversation: each answer to a check-in carries a random
// continuation which the next check-in presents. Two machines that go on from one point cannot both present the last
// one. The machine's own ids tell a copy sooner, and whoever merely lost an answer is known by the instance, which is
// kept in memory, and on disk only while a question is without an answer.
//
// A check-in that does not go on from where the device was makes a claim (table claim_entry) and changes nothing else.
// If the device goes on meanwhile, the claim is a copy. If it is silent for the hold time, the claim is the device:
// restored from a backup, or a machine with a new mainboard.
//
// A device that was given no continuation since its enrolment, or whose conversation was forgotten because the ledger
// was restored from a backup, is whoever comes first with its key on its machine.
//
// Threads: the writer's only; JudgeLine is pure.
#pragma once

#include <cstdint>
#include <string>

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

// What is held of the device that checked in last.
struct HeldLine {
  std::string
      continuation;       // given with the last answer; empty: none was given since the enrolment, or it is forgotten
  std::string presented;  // what that answer was given for
  std::string instance;
  std::string machine_id;
  std::string hardware_id;
  UnixTime last_seen = 0;
};

enum class LineJudgement {
  kGoesOn,
  kRepeats,   // it asks again what was answered; the answer did not arrive, or it keeps no continuation
  kDoubtful,  // it is somewhere else in the conversation, or on another machine
};
LineJudgement JudgeLine(const HeldLine& held, const v1::DeviceLine& said);

// True: said by whoever got the last answer (or by a device that keeps no continuation).
bool IsOfLine(const HeldLine& held, std::string_view continuation);

// Judges the check-in and records its claim, or the line itself if it is the device's. The answer has all but `wanted`.
CheckInAnswer FollowLine(Connection& connection, std::int64_t device, const HeldLine& held, const CheckInWrite& write);

void Apply(Connection& connection, ForgetLinesWrite& write);

}  // namespace daicho::collector
