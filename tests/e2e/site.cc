#include "tests/e2e/site.h"

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace daicho::e2e {

namespace {

using google::protobuf::Value;

std::string ValueText(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kNumberValue: {
      std::ostringstream text;
      text.precision(15);
      text << value.number_value();
      return text.str();
    }
    default:
      return "";
  }
}

const Value& Field(const Json& object, const std::string& field) {
  static const Value kNothing;
  const auto found = object.fields().find(field);
  return found == object.fields().end() ? kNothing : found->second;
}

template <typename T>
void Put(std::string& record, std::size_t offset, T value) {
  std::memcpy(record.data() + offset, &value, sizeof value);
}

}  // namespace

std::string Text(const Json& object, const std::string& field) { return ValueText(Field(object, field)); }

std::vector<std::string> Texts(const Json& object, const std::string& field) {
  std::vector<std::string> texts;
  for (const Value& value : Field(object, field).list_value().values()) texts.push_back(ValueText(value));
  return texts;
}

Json Object(const Json& object, const std::string& field) { return Field(object, field).struct_value(); }

std::vector<Json> Objects(const Json& object, const std::string& field) {
  std::vector<Json> objects;
  for (const Value& value : Field(object, field).list_value().values()) objects.push_back(value.struct_value());
  return objects;
}

Json Only(const std::vector<Json>& objects, const std::string& field, const std::string& text) {
  for (const Json& object : objects) {
    if (Text(object, field) == text) return object;
  }
  ADD_FAILURE() << "no object with " << field << " = " << text;
  return {};
}

void WriteText(const std::string& path, const std::string& content) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  ASSERT_TRUE(file.good()) << path;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Site::SetUp() {
  const Outcome init = Collector({"init", "--state", State(), "--listen", "127.0.0.1:0"});
  ASSERT_EQ(init.exit_code, 0) << init.err;
}

void Site::TearDown() {
  KillCollector();
  if (HasFailure()) std::cerr << "collector's log:\n" << ReadText(Path("collector.log")) << '\n';
}

// libfaketime itself and not faketime(1), which is a process of its own between us and the collector.
std::vector<std::string> Site::ClockEnvironment() const {
  if (clock_offset_ == 0) return {};
  // Monotonic clocks stay real: timers of gRPC and Asio measure spans, not dates.
  return {"LD_PRELOAD=/usr/$LIB/faketime/libfaketimeMT.so.1",
          (clock_offset_ > 0 ? "FAKETIME=+" : "FAKETIME=") + std::to_string(clock_offset_) + "s",
          "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_RESET=1"};
}

std::vector<std::string> Site::Command(const std::string& binary, std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), std::string(DAICHO_BIN "/") + binary);
  return arguments;
}

void Site::StartCollector() {
  std::filesystem::remove(State() + "/endpoints.json");
  std::vector<std::string> environment = ClockEnvironment();
  environment.insert(environment.end(), collector_environment_.begin(), collector_environment_.end());
  collector_ = Background(Command("daicho-collector", {"run", "--state", State()}), environment, Path("collector.log"));
  ASSERT_TRUE(WaitUntil([&] { return std::filesystem::exists(State() + "/endpoints.json") || !collector_.Running(); }))
      << "the collector does not get ready";
  ASSERT_TRUE(collector_.Running()) << ReadText(Path("collector.log"));
}

void Site::StopCollector() { EXPECT_EQ(collector_.Stop(SIGTERM), 0); }

void Site::KillCollector() {
  if (collector_.Running()) collector_.Stop(SIGKILL);
}

std::string Site::AgentEndpoint() const {
  const Outcome endpoints{0, ReadText(State() + "/endpoints.json"), ""};
  std::string text = endpoints.out;
  std::erase(text, '\n');
  return Text(Outcome{0, text, ""}.Lines().at(0), "agent");
}

Outcome Site::Collector(std::vector<std::string> arguments) const {
  return Execute(Command("daicho-collector", std::move(arguments)), ClockEnvironment());
}

Outcome Site::Daicho(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"--profile", State() + "/admin/profile.toml"});
  return Execute(Command("daicho", std::move(arguments)), ClockEnvironment());
}

std::vector<Json> Site::DaichoJson(std::vector<std::string> arguments) const {
  arguments.push_back("--json");
  const Outcome outcome = Daicho(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << arguments[0] << ": " << outcome.err;
  return outcome.Lines();
}

std::string Site::NewToken(std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"token", "create"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const std::vector<Json> lines = DaichoJson(arguments);
  EXPECT_EQ(lines.size(), 1u);
  return lines.empty() ? "" : Text(lines[0], "token");
}

Machine::Machine(Site& site, std::string name) : site_(site), name_(std::move(name)) {
  WriteText(Root("/etc/hostname"), name_ + "\n");
  WriteText(Root("/etc/os-release"), "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n");
  WriteText(Root("/etc/passwd"), "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n");
  WriteText(Root("/etc/shadow"), "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n");
  WriteText(Root("/etc/group"), "root:x:0:\ndaemon:x:1:\nsudo:x:27:\n");
  WriteText(Root("/etc/sudoers"), "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n");
  WriteText(Root("/etc/login.defs"), "UID_MIN 1000\nUID_MAX 60000\n");
  SetPackages({{"openssl", "3.0.15-1~deb12u1"}, {"zlib1g", "1:1.2.13.dfsg-1"}});
}

void Machine::SetPackages(const std::vector<std::pair<std::string, std::string>>& name_and_version) const {
  std::string status;
  for (const auto& [name, version] : name_and_version) {
    status += "Package: " + name + "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " + version + "\n\n";
  }
  WriteText(Root("/var/lib/dpkg/status"), status);
}

void Machine::AddAccount(const std::string& name, unsigned uid, const std::string& shadow_password) const {
  const std::string id = std::to_string(uid);
  WriteText(Root("/etc/passwd"), ReadText(Root("/etc/passwd")) + name + ":x:" + id + ":" + id + ":" + name +
                                     ",,,:/home/" + name + ":/bin/bash\n");
  WriteText(Root("/etc/shadow"),
            ReadText(Root("/etc/shadow")) + name + ":" + shadow_password + ":19000:0:99999:7:::\n");
  WriteText(Root("/etc/group"), ReadText(Root("/etc/group")) + name + ":x:" + id + ":\n");
}

// struct utmp of a 64-bit Linux, utmp(5): type, pid, line[32], id[4], user[32], host[256], exit, session, tv, addr,
// pad.
void Machine::AddLogin(const std::string& name, long at) const {
  std::string record(384, '\0');
  Put<std::int16_t>(record, 0, 7);  // USER_PROCESS
  Put<std::int32_t>(record, 4, 4242);
  record.replace(8, 5, "pts/0");
  record.replace(44, name.size(), name);
  record.replace(76, 9, "10.1.2.33");
  Put<std::int32_t>(record, 340, static_cast<std::int32_t>(at));
  WriteText(Root("/var/log/wtmp"), ReadText(Root("/var/log/wtmp")) + record);
}

std::vector<std::string> Machine::Command(std::vector<std::string> arguments) const {
  return site_.Command("daicho-agent", std::move(arguments));
}

Outcome Machine::Enrol(const std::string& token, std::vector<std::string> more) const {
  std::vector<std::string> arguments = {
      "enrol",   "--collector", site_.AgentEndpoint(), "--ca", site_.State() + "/ca.pem", "--token", token,
      "--state", State()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Execute(Command(arguments), site_.ClockEnvironment());
}

Outcome Machine::Cycle() const {
  return Execute(Command({"cycle", "--state", State(), "--root", Root(""), "--json"}), site_.ClockEnvironment());
}

Json Machine::CycleReport() const {
  const Outcome outcome = Cycle();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::vector<Json> lines = outcome.Lines();
  EXPECT_EQ(lines.size(), 1u) << outcome.out;
  return lines.empty() ? Json() : lines[0];
}

}  // namespace daicho::e2e
