#include "collector/setup.h"

#include <sys/stat.h>

#include <filesystem>
#include <iostream>
#include <utility>

#include "collector/backup/scratch_folder.h"
#include "collector/backup/unpack.h"
#include "collector/config.h"
#include "collector/enrol/authority.h"
#include "collector/host_port.h"
#include "collector/rule_check.h"
#include "collector/store/open_store.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/x509.h"

namespace daicho::collector {

namespace {

constexpr mode_t kSecretFile = 0600;
constexpr mode_t kSecretFolder = 0700;
constexpr mode_t kStateFolder = 0750;  // ca.pem within is for others of the group to copy

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// HOST:PORT with a real port.
Result<std::string> PickPort(const std::string& option, const std::string& listen) {
  auto endpoint = ParseHostPort(listen);
  if (!endpoint) return Fail(endpoint.error().code, option + ": " + endpoint.error().message);
  if (endpoint->port == 0) {
    const auto port = FreePort(endpoint->host);
    if (!port) return Fail(port.error().code, option + ": " + port.error().message);
    endpoint->port = *port;
  }
  return ToText(*endpoint);
}

// What a client on this machine dials to reach an address that is listened on.
std::string Dialled(const std::string& listen) {
  auto endpoint = ParseHostPort(listen);
  if (!endpoint) return listen;
  if (endpoint->host == "0.0.0.0") endpoint->host = "127.0.0.1";
  if (endpoint->host == "::") endpoint->host = "::1";
  return ToText(*endpoint);
}

struct CredentialFiles {
  std::string folder;
  std::string endpoint;
  std::string name;
  Role role = Role::kViewer;
  int days = 365;
};

Status WriteCredentialFiles(const Authority& authority, const CredentialFiles& wanted) {
  const auto credential = authority.IssueAdmin(wanted.name, wanted.role, SystemClock().Now(), wanted.days);
  if (!credential) return std::unexpected(credential.error());
  const std::string profile = "# Profile of the daicho command. File names are relative to this file.\nendpoint = \"" +
                              wanted.endpoint +
                              "\"\nca = \"ca.pem\"\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"\nrole = \"" +
                              std::string(RoleName(wanted.role)) + "\"\n";
  if (auto done = MakeFolder(wanted.folder, kSecretFolder); !done) return done;
  const std::string base = wanted.folder + "/";
  if (auto done = WriteFileAtomically(base + "ca.pem", authority.certificate_pem()); !done) return done;
  if (auto done = WriteFileAtomically(base + "key.pem", credential->private_key_pem, kSecretFile); !done) return done;
  if (auto done = WriteFileAtomically(base + "certificate.pem", credential->certificate_pem); !done) return done;
  // The profile last: where it is, the rest is.
  return WriteFileAtomically(base + "profile.toml", profile);
}

Status CheckNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!IsServerName(name)) {
      return Fail(Code::kInvalidArgument, "--name " + name + ": neither a DNS name nor an IP address");
    }
  }
  return {};
}

Status CheckStore(const std::string& store) {
  if (store == kSqliteStore) return {};
  if (const Status good = CheckPostgresUrl(store); !good) {
    return Fail(good.error().code, "--store: " + good.error().message + " (or sqlite, for a file)");
  }
  return {};
}

// Where the configuration will find it.
std::string StorePath(const InitOptions& options) {
  return options.store == kSqliteStore ? options.state + "/" + kSqliteFile : options.store;
}

// The ledger of the collector whose state is in `folder`, and its authority beforehand where LoadOrCreate will find it.
Result<std::string> JoinFolder(const InitOptions& options, const std::string& folder) {
  const auto other = LoadConfig(folder + "/collector.toml");
  if (!other) return std::unexpected(other.error());
  if (!IsPostgresUrl(other->store)) {
    return Fail(Code::kFailedPrecondition,
                "--join " + options.join +
                    ": that collector keeps its ledger in a file, which is for one collector; first move it into "
                    "PostgreSQL with daicho-collector migrate-store --state DIR --to "
                    "postgresql://USER@HOST:PORT/DATABASE, and make a new backup if you join by one");
  }
  if (!options.store.empty() && options.store != other->store) {
    return Fail(Code::kInvalidArgument,
                "--store " + options.store + " is not the ledger of " + options.join + "; leave --store away");
  }
  if (auto done = MakeFolder(options.state, kStateFolder); !done) return std::unexpected(done.error());
  if (auto done = Authority::Copy(folder, options.state); !done) return std::unexpected(done.error());
  return other->store;
}

Result<std::string> Join(const InitOptions& options) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(options.join, ignored)) return JoinFolder(options, options.join);
  if (auto done = MakeFolder(options.state, kStateFolder); !done) return std::unexpected(done.error());
  const auto scratch = ScratchFolder::MakeBeside(options.state + "/join");
  if (!scratch) return std::unexpected(scratch.error());
  const auto manifest = UnpackBackup(options.join, scratch->path());
  if (!manifest) return std::unexpected(manifest.error());
  return JoinFolder(options, scratch->path());
}

// Another authority's agents and admins would be shut out of their own ledger. (One that an interrupted init has left
// has nothing in its journal.)
Status CheckNoForeignLedger(const std::string& store) {
  const auto there = OpenStoreToRead(store);
  if (!there) return there.error().code == Code::kNotFound ? Status() : std::unexpected(there.error());
  bool is_used = false;
  SelectRequest any;
  any.sql = "SELECT seq FROM journal LIMIT 1";
  if (auto read = (*there)->Select(any, [&](auto, auto) { return !(is_used = true); }); !read) return read;
  if (!is_used) return {};
  return Fail(Code::kFailedPrecondition,
              "--store " + WithoutPassword(store) +
                  ": there is a ledger in it, of another collector; to be a second one of it, --join a backup of that "
                  "collector");
}

Status PrepareState(const InitOptions& options, const std::string& agent, const std::string& admin) {
  if (auto done = MakeFolder(options.state, kStateFolder); !done) return done;
  const auto authority = Authority::LoadOrCreate(options.state, SystemClock().Now());
  if (!authority) return std::unexpected(authority.error());
  const CollectorConfig defaults;
  const CredentialFiles first{.folder = options.state + "/admin",
                              .endpoint = Dialled(admin),
                              .name = "admin",
                              .role = Role::kAdmin,
                              .days = defaults.admin_days};
  if (auto done = WriteCredentialFiles(*authority, first); !done) return done;
  const auto store = OpenStore(StorePath(options), true);
  if (!store) return std::unexpected(store.error());
  const std::string text = NewConfigText(agent, admin, options.names, options.store);
  if (auto done = WriteFileAtomically(options.state + "/collector.toml", text, 0640); !done) return done;
  const auto fingerprint = CertificateFingerprint(authority->certificate_pem());
  std::cout << "CA for agents      " << options.state << "/ca.pem\n"
            << "  its fingerprint  SHA-256 " << (fingerprint ? *fingerprint : "") << "\n"
            << "admin profile      " << options.state << "/admin/profile.toml\n"
            << "configuration      " << options.state << "/collector.toml\n"
            << "agents connect to  " << agent << "\n"
            << "admins connect to  " << admin << "\n"
            << "next               daicho-collector run --state " << options.state << "\n";
  std::cerr << PasswordWarning(options.store, options.state + "/collector.toml");
  return {};
}

Result<std::string> OnlyEdition(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  }
  if (files.size() == 1) return files.front();
  return Fail(Code::kFailedPrecondition, folder + ": " + std::to_string(files.size()) +
                                             " checklist editions (*.toml); exactly one is needed. share_dir of "
                                             "collector.toml names the folder above");
}

Result<RuleSet> Load(const std::string& rules_folder, const std::string& checklists, const RuleParameters& overrides) {
  const auto file = OnlyEdition(checklists);
  if (!file) return std::unexpected(file.error());
  auto checklist = LoadChecklist(*file);
  if (!checklist) return std::unexpected(checklist.error());
  return LoadRules(rules_folder, overrides, std::move(*checklist));
}

}  // namespace

Status Init(const InitOptions& asked) {
  InitOptions options = asked;
  if (Exists(options.state + "/collector.toml")) {
    return Fail(Code::kFailedPrecondition, options.state +
                                               "/collector.toml: this collector is initialised already; nothing was "
                                               "changed. Take another --state, or run it");
  }
  if (auto good = CheckNames(options.names); !good) return good;
  if (!options.join.empty()) {
    auto store = Join(options);
    if (!store) return std::unexpected(store.error());
    options.store = std::move(*store);
  } else if (options.store.empty()) {
    options.store = kSqliteStore;
  }
  if (auto good = CheckStore(options.store); !good) return good;
  const bool has_authority = Exists(options.state + "/ca/ca-key.pem");
  if (options.join.empty() && !has_authority && IsPostgresUrl(options.store)) {
    if (auto good = CheckNoForeignLedger(options.store); !good) return good;
  }
  const auto agent = PickPort("--listen", options.listen);
  if (!agent) return std::unexpected(agent.error());
  auto admin = PickPort("--admin-listen", options.admin_listen);
  // The kernel seldom gives the same port twice in a row, but may.
  for (int tries = 0; admin && *admin == *agent && tries < 10; ++tries) {
    admin = PickPort("--admin-listen", options.admin_listen);
  }
  if (!admin) return std::unexpected(admin.error());
  if (*admin == *agent) {
    return Fail(Code::kInvalidArgument, "--listen and --admin-listen are the same, " + *agent + ": take two ports");
  }
  return PrepareState(options, *agent, *admin);
}

Status WriteCredential(const CredentialOptions& options) {
  if (Exists(options.folder + "/profile.toml")) {
    return Fail(Code::kAlreadyExists, options.folder + "/profile.toml: exists; take another folder");
  }
  const auto config = LoadConfig(options.state + "/collector.toml");
  if (!config) return std::unexpected(config.error());
  const auto authority = Authority::Load(options.state);
  if (!authority) return std::unexpected(authority.error());
  const auto done = WriteCredentialFiles(*authority, {.folder = options.folder,
                                                      .endpoint = Dialled(config->admin_listen),
                                                      .name = options.name,
                                                      .role = options.role,
                                                      .days = config->admin_days});
  if (done) std::cout << "admin profile  " << options.folder << "/profile.toml\n";
  return done;
}

Result<RuleSet> LoadShare(const std::string& share_folder, const RuleParameters& overrides) {
  return Load(share_folder + "/rules", share_folder + "/checklists", overrides);
}

Status CheckRules(const std::string& rules_folder) {
  const std::filesystem::path folder = rules_folder.empty() ? DefaultShareFolder() + "/rules" : rules_folder;
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    return Fail(Code::kInvalidArgument, folder.string() + ": no such folder; --rules names the folder of rule files");
  }
  const auto beside = std::filesystem::weakly_canonical(folder).parent_path() / "checklists";
  const auto rules = Load(folder.string(), beside.string(), {});
  if (!rules) return std::unexpected(rules.error());
  if (auto proven = ProveSelects(*rules); !proven) return proven;
  const auto cases = RunRuleCases(folder.string(), *rules);
  if (!cases) return std::unexpected(cases.error());
  std::cout << rules->rules().size() << " rules, " << *cases << " cases passed; " << rules->checklist().rows().size()
            << " rows of the checklist " << rules->checklist().edition() << "\n";
  return {};
}

}  // namespace daicho::collector
