#include "collector/ctl/texts.h"

#include <array>

namespace daicho::collector {

namespace {

struct Entry {
  Text key;
  std::string_view ja;
  std::string_view en;
};

constexpr Entry kTexts[] = {
    {Text::kAbout, "台帳 (Daicho) の管理コマンド", "Admin command of Daicho, the equipment ledger"},
    {Text::kGroupOptions, "オプション", "Options"},
    {Text::kGroupCommands, "コマンド", "Commands"},
    {Text::kLabelUsage, "使い方", "Usage"},
    {Text::kLabelPositionals, "引数", "Arguments"},
    {Text::kExitCodes,
     "終了コード: 0 正常、1 検査で指摘あり・指定したものが見つからない、2 使い方の誤り、3 接続できない、4 拒否、5 "
     "データ不正",
     "Exit codes: 0 done, 1 findings of a failed check or nothing found where asked, 2 usage, 3 cannot reach, "
     "4 refused, 5 bad data"},
    {Text::kExitList, "一覧が空でも終了コードは 0 です。", "An empty list is exit code 0."},
    {Text::kExitSoftware,
     "name・--below・--device を指定して該当がなければ終了コード 1、指定しなければ一覧が空でも 0 です。",
     "Nothing found is exit code 1 with name, --below or --device, and 0 without them."},
    {Text::kExitAccounts, "--device を指定して該当がなければ終了コード 1、指定しなければ一覧が空でも 0 です。",
     "Nothing found is exit code 1 with --device, and 0 without it."},
    {Text::kExitFindings,
     "指摘がなければ終了コード 0 です。1 は、--fail-on 以上の未対応の指摘があるか、--device の機器がない場合です。",
     "No finding is exit code 0; 1 is an open finding of --fail-on or more, or no such --device."},
    {Text::kExitDevice, "指定した機器がなければ終了コード 1 です。", "No such device is exit code 1."},
    {Text::kExitFinding, "指定した指摘がなければ終了コード 1 です。", "No such finding is exit code 1."},
    {Text::kExitQuery, "該当する行がなくても終了コードは 0、制限時間や最大行数で打ち切られると 4 です。",
     "No row is exit code 0; a query stopped at its time limit or most rows is 4."},
    {Text::kExitHealth, "稼働中は終了コード 0、台帳に書き込めない状態は 1、接続できなければ 3 です。",
     "Serving is exit code 0, a ledger that takes no writes 1, cannot reach 3."},
    {Text::kExample, "例: {0}", "Example: {0}"},
    {Text::kGlobalOptions, "共通のオプション: --profile FILE、--json、--lang ja|en、--version",
     "Options of every command: --profile FILE, --json, --lang ja|en, --version"},
    {Text::kOptHelp, "この説明を表示", "Print this help"},
    {Text::kOptVersion, "版を表示", "Print the version"},
    {Text::kOptProfile,
     "接続設定 (既定: $DAICHO_PROFILE、~/.config/daicho/profile.toml、/etc/daicho/profile.toml の順)",
     "Connection profile (default: $DAICHO_PROFILE, then ~/.config/daicho/profile.toml, then "
     "/etc/daicho/profile.toml)"},
    {Text::kOptJson, "1行に1つの JSON で出力 (時刻は UTC)", "Print JSON, one object a line (times in UTC)"},
    {Text::kOptLang, "表示言語 ja または en (既定: 環境のロケール)", "Language, ja or en (default: the locale)"},
    {Text::kAboutToken, "登録トークン", "Enrolment tokens"},
    {Text::kAboutTokenCreate, "端末を1台登録するための、1回限りのトークンを発行 (--count で複数)",
     "Create a one-time token that enrols one device, or several (--count)"},
    {Text::kAboutDevices, "機器の一覧", "List the devices"},
    {Text::kAboutShow, "1台の機器の詳細", "Show one device in full"},
    {Text::kAboutSoftware, "ソフトウェアの一覧 (どの機器にどの版があるか)",
     "List software: which version on which device"},
    {Text::kAboutAccounts, "アカウントの一覧", "List accounts"},
    {Text::kAboutFindings, "指摘の一覧", "List findings"},
    {Text::kAboutWaive, "指摘を期限つきで例外登録する、または例外を終える",
     "Accept a finding until a date, or end that"},
    {Text::kAboutChecklist, "チェックリストの各行と回答案", "List the checklist with proposed answers"},
    {Text::kAboutRevoke, "機器の証明書を失効させる (以後の通信を拒否)",
     "Revoke a device: its agent is refused from now on"},
    {Text::kAboutQuery, "台帳への SELECT 文 (読み取り専用、時間制限あり)",
     "Run one SELECT on the ledger's documented views (read-only, time-limited)"},
    {Text::kAboutExport, "台帳・一覧をファイルへ書き出す", "Write the ledger or a list as a file"},
    {Text::kAboutExports, "定期書き出しの予定と結果", "List scheduled exports and their last results"},
    {Text::kAboutHealth, "収集サーバーの稼働状態", "Ask whether the collector serves"},
    {Text::kArgDevice, "機器ID、その先頭4桁以上、またはホスト名",
     "Device id, its first 4 or more digits, or host name"},
    {Text::kArgSoftware, "名称 (* は任意の文字列)", "Name (* stands for any text)"},
    {Text::kArgFinding, "指摘ID", "Finding id"},
    {Text::kArgSql, "SELECT 文1つ", "One SELECT statement"},
    {Text::kOptValid, "有効期間 (例: 30m、24h、7d。最長30日)", "How long it is valid (30m, 24h, 7d; at most 30d)"},
    {Text::kOptTokenCount, "この数のトークンを1行に1つずつ出力 (1〜10000)",
     "Print this many tokens, one a line (1 to 10000)"},
    {Text::kOptTokenDevice, "この登録済み機器を再登録する (ディスク交換など)",
     "Enrol this known device again (new disk, lost state)"},
    {Text::kOptNote, "記録に残すメモ", "Note for the journal"},
    {Text::kOptBelow, "この版より古いものだけ (パッケージ管理の順序で比較)",
     "Only versions below this one, in the packaging system's own order"},
    {Text::kOptDevice, "この機器だけ", "Only this device"},
    {Text::kOptAll, "システム用アカウントも含める", "System accounts too"},
    {Text::kOptItem, "チェックリストの行 (B6、B10、p1.b9.2 など)", "Checklist row (B6, B10, p1.b9.2, ...)"},
    {Text::kOptStatus, "open (既定)、waived、resolved、all", "open (default), waived, resolved, all"},
    {Text::kOptFailOn, "この重要度以上の未対応の指摘があれば終了コード 1 (info、low、medium、high)",
     "Exit with 1 if an open finding has this severity or more (info, low, medium, high)"},
    {Text::kOptWaiveReason, "例外理由", "Why it is accepted"},
    {Text::kOptUntil, "例外期限 (2026-12-31 など。その日の終わりまで)",
     "Until when (2026-12-31: to the end of that day)"},
    {Text::kOptAt, "この時点の状態 (2026-11-01: その日の終わり、または 2026-11-01T12:00:00+09:00)",
     "As it was then (2026-11-01: at the end of that day; or 2026-11-01T12:00:00+09:00)"},
    {Text::kOptEnd, "例外を今すぐ終える", "End the waiver now"},
    {Text::kOptRevokeReason, "失効の理由", "Why it is revoked"},
    {Text::kOptYes, "確認せずに実行", "Do not ask"},
    {Text::kOptLimit, "制限時間 (秒、1〜60、既定5)", "Time limit in seconds (1 to 60, default 5)"},
    {Text::kOptMaxRows, "最大行数 (既定10000)", "Most rows (default 10000)"},
    {Text::kOptWhat, "ledger、software、accounts、findings のいずれか", "One of ledger, software, accounts, findings"},
    {Text::kOptFormat, "csv または json", "csv or json"},
    {Text::kOptOutput, "出力先ファイル (既定: 標準出力)", "File to write (default: standard output)"},

    {Text::kTimesAreLocal,
     "時刻はこの端末のタイムゾーン（TZ）で表示します。書き出しの予定（exports）は予定に書かれたタイムゾーン、--json は "
     "UTC です。",
     "Times are shown in the time zone of this terminal (TZ); those of exports in the zone of their schedule; --json "
     "in "
     "UTC."},
    {Text::kErrSeeHelp, "{0} --help で使い方を表示します。", "Run {0} --help for usage."},
    {Text::kErrNoCommand, "コマンドを指定してください。", "a command is needed"},
    {Text::kErrUnknownCommand, "「{0}」というコマンドはありません。", "there is no command '{0}'"},
    {Text::kErrUnknownArgument, "余分な引数、または不明なオプションです: {0}",
     "unexpected argument or unknown option: {0}"},
    {Text::kErrRequired, "必要な引数またはオプションがありません: {0}", "{0}"},
    {Text::kErrArgument, "コマンドラインの誤り: {0}", "{0}"},
    {Text::kErrNoProfile,
     "接続設定が見つかりません ({0})。--profile FILE で指定するか、daicho-collector init が作る admin/profile.toml "
     "を使ってください。",
     "no profile found ({0}); name one with --profile FILE, or use the admin/profile.toml that daicho-collector init "
     "writes"},
    {Text::kErrProfileUnknownKey, "{0}: 不明な項目「{1}」。使える項目: {2}", "{0}: unknown key '{1}'; known: {2}"},
    {Text::kErrProfileWrongType, "{0}: 「{1}」は \"…\" で囲んだ文字列にしてください。",
     "{0}: '{1}' must be a string in quotes"},
    {Text::kErrProfileMissing, "{0}: 「{1}」がありません。", "{0}: '{1}' is missing"},
    {Text::kErrProfileEndpoint, "{0}: endpoint「{1}」を HOST:PORT の形にしてください。",
     "{0}: endpoint '{1}' is not HOST:PORT"},
    {Text::kErrProfileRole, "{0}: role「{1}」は viewer、operator、admin のいずれかにしてください。",
     "{0}: role '{1}' is not viewer, operator or admin"},
    {Text::kErrCredential, "{0} (接続設定 {1} の {2})", "{0} ('{2}' of profile {1})"},
    {Text::kErrUnreachable,
     "収集サーバー {0} に接続できません ({1})。daicho-collector が動いているか、接続設定の endpoint "
     "が正しいか、途中のファイアウォールを確認してください。",
     "cannot reach the collector at {0} ({1}); check that daicho-collector runs there, that the profile's endpoint is "
     "right, and that no firewall is in between"},
    {Text::kErrNoAnswer,
     "収集サーバー {0} から {1} 秒以内に応答がありません。負荷や回線を確認して、もう一度実行してください。",
     "the collector at {0} did not answer within {1} s; check its load and the network, then try again"},
    {Text::kErrCutOff,
     "収集サーバー {0} が送信を打ち切りました ({1})。受信が止まっていた可能性があります。もう一度実行してください。",
     "the collector at {0} ended the call ({1}); what it sent was not taken for too long, or it is stopping; try "
     "again"},
    {Text::kErrHandshake,
     "{0} の TLS 接続が成立しません ({1})。接続設定の ca・certificate がこの収集サーバーのものか確認してください。",
     "TLS with {0} failed ({1}); check that ca and certificate of the profile belong to this collector"},
    {Text::kErrUnauthenticated,
     "収集サーバー {0} がこの証明書を受け付けません: {1}。管理者の証明書か、期限切れでないか確認してください。",
     "the collector at {0} does not accept this certificate: {1}; check that it is an admin's and has not expired"},
    {Text::kErrRefused, "収集サーバー {0} が拒否しました: {1}", "the collector at {0} refuses: {1}"},
    {Text::kErrCollectorSays, "収集サーバーの応答: {0}", "{0}"},
    {Text::kErrRequestId, " (要求ID {0})", " (request {0})"},
    {Text::kErrDuration, "--valid「{0}」は 30m、24h、7d のように指定してください (1分〜30日)。",
     "--valid '{0}': write 30m, 24h or 7d (1 minute to 30 days)"},
    {Text::kErrUntil, "--until「{0}」は 2026-12-31 または 2026-12-31T17:00:00+09:00 の形で指定してください。",
     "--until '{0}': write 2026-12-31 or 2026-12-31T17:00:00+09:00"},
    {Text::kErrUntilPast, "--until「{0}」は過去の日時です。例外を終えるには --end を使ってください。",
     "--until '{0}' is in the past; use --end to end a waiver"},
    {Text::kErrMoment, "{0}「{1}」は 2026-12-31 または 2026-12-31T17:00:00+09:00 の形で指定してください。",
     "{0} '{1}': write 2026-12-31 or 2026-12-31T17:00:00+09:00"},
    {Text::kErrMomentAhead, "{0}「{1}」はこれから先の日時です。過去の日時を指定してください。",
     "{0} '{1}' is still to come; give a moment of the past"},
    {Text::kErrNoPast, "収集サーバー {0} は古い版で、過去の状態を答えられません。更新してください。",
     "The collector at {0} is too old to tell of the past; upgrade it"},
    {Text::kErrWaiveWhat, "--reason と --until の両方、または --end を指定してください。",
     "give --reason and --until, or --end"},
    {Text::kErrOutput, "標準出力に書けません。空き容量を確認してください。",
     "cannot write to standard output; check the space left"},
    {Text::kErrQueryAnswer, "収集サーバーの回答の {0} 行目を読めません。コマンドと収集サーバーの版を確認してください。",
     "row {0} of the collector's answer cannot be read; check the versions of command and collector"},
    {Text::kErrQueryTime, "{0} 秒の制限時間で打ち切りました。条件を絞るか --limit を大きくしてください。",
     "the collector stopped the query after {0} s; narrow it or raise --limit"},
    {Text::kErrQueryRows,
     "{0} 行で打ち切りました。続きは省かれています。条件を絞るか --max-rows を大きくしてください。",
     "the collector stopped the query after {0} rows, the rest is left out; narrow it or raise --max-rows"},
    {Text::kErrNeedsYes, "端末ではないため確認できません。実行するには --yes を付けてください。",
     "not a terminal, so nobody can be asked; add --yes to go ahead"},
    {Text::kErrNotConfirmed, "中止しました。何も変更していません。", "stopped; nothing was changed"},

    {Text::kHeadAccount, "アカウント", "Account"},
    {Text::kHeadAccounts, "アカウント数", "Accounts"},
    {Text::kHeadAddress, "アドレス", "Address"},
    {Text::kHeadAddresses, "IPアドレス", "Addresses"},
    {Text::kHeadAdmin, "管理者", "Admin by"},
    {Text::kHeadAnswer, "回答案", "Answer"},
    {Text::kHeadArchitecture, "種別", "Arch"},
    {Text::kHeadDetail, "内容", "Detail"},
    {Text::kHeadDevice, "機器ID", "Device"},
    {Text::kHeadEnabled, "有効", "Enabled"},
    {Text::kHeadEvidence, "自動確認", "Evidence"},
    {Text::kHeadFile, "ファイル", "File"},
    {Text::kHeadFindingId, "指摘ID", "Finding"},
    {Text::kHeadFindings, "未対応", "Open"},
    {Text::kHeadFormat, "形式", "Format"},
    {Text::kHeadHeading, "項目", "Heading"},
    {Text::kHeadHost, "ホスト名", "Host"},
    {Text::kHeadInstalled, "導入日時", "Installed"},
    {Text::kHeadItems, "チェックリスト", "Checklist"},
    {Text::kHeadKind, "種類", "Kind"},
    {Text::kHeadLastRun, "前回", "Last run"},
    {Text::kHeadLastSeen, "最終確認", "Last seen"},
    {Text::kHeadLastUse, "最終使用", "Last use"},
    {Text::kHeadMac, "MACアドレス", "MAC"},
    {Text::kHeadManager, "管理方式", "Manager"},
    {Text::kHeadName, "名称", "Name"},
    {Text::kHeadNextRun, "次回", "Next run"},
    {Text::kHeadNumber, "項番", "Number"},
    {Text::kHeadOs, "OS", "OS"},
    {Text::kHeadPart, "部", "Part"},
    {Text::kHeadPassword, "パスワード", "Password"},
    {Text::kHeadPort, "ポート", "Port"},
    {Text::kHeadProgram, "プログラム", "Program"},
    {Text::kHeadProtocol, "プロトコル", "Protocol"},
    {Text::kHeadResult, "結果", "Result"},
    {Text::kHeadRows, "行数", "Rows"},
    {Text::kHeadSchedule, "予定", "Schedule"},
    {Text::kHeadSection, "区分", "Section"},
    {Text::kHeadSeverity, "重要度", "Severity"},
    {Text::kHeadSoftware, "ソフト数", "Software"},
    {Text::kHeadState, "状態", "State"},
    {Text::kHeadStatus, "状態", "Status"},
    {Text::kHeadSubject, "対象", "Subject"},
    {Text::kHeadToDo, "要対応", "To do"},
    {Text::kHeadUid, "UID", "UID"},
    {Text::kHeadVersion, "版", "Version"},
    {Text::kHeadWhat, "内容", "What"},

    {Text::kShowDevice, "■ 機器", "== Device"},
    {Text::kShowSections, "■ 収集状況", "== Sections"},
    {Text::kShowHardware, "■ ハードウェア", "== Hardware"},
    {Text::kShowNetwork, "■ ネットワーク", "== Network"},
    {Text::kShowListeners, "■ 待ち受けポート", "== Listeners"},
    {Text::kShowAccounts, "■ アカウント", "== Accounts"},
    {Text::kShowFindings, "■ 指摘", "== Findings"},
    {Text::kShowLastCycle, "■ 前回の収集の負荷", "== Cost of the last cycle"},
    {Text::kLabelKernel, "カーネル", "Kernel"},
    {Text::kLabelManufacturer, "メーカー", "Manufacturer"},
    {Text::kLabelModel, "型番", "Model"},
    {Text::kLabelSerial, "製造番号", "Serial"},
    {Text::kLabelUuid, "UUID", "UUID"},
    {Text::kLabelBios, "BIOS", "BIOS"},
    {Text::kLabelCpu, "CPU", "CPU"},
    {Text::kLabelMemory, "メモリ", "Memory"},
    {Text::kLabelChassis, "筐体", "Chassis"},
    {Text::kLabelVirtualization, "仮想化", "Virtualization"},
    {Text::kLabelDisk, "ディスク", "Disk"},
    {Text::kLabelPlaceholders, "仮の値のため無視", "Placeholders ignored"},
    {Text::kLabelEnrolled, "登録日時", "Enrolled"},
    {Text::kLabelRevoked, "失効日時", "Revoked"},
    {Text::kLabelAsOf, "この時点の状態", "As of"},
    {Text::kLabelAgent, "エージェントの版", "Agent version"},
    {Text::kLabelClockSkew, "時計のずれ", "Clock ahead by"},
    {Text::kLabelCpuTime, "CPU時間", "CPU time"},
    {Text::kLabelPeakMemory, "最大メモリ", "Peak memory"},
    {Text::kLabelBytesOut, "送信量", "Bytes sent"},
    {Text::kLabelOverruns, "上限超過", "Ceilings hit"},
    {Text::kNothingKnown, "(情報なし)", "(nothing known)"},
    {Text::kThreads, "{0} ({1} スレッド)", "{0} ({1} threads)"},
    {Text::kIssueCount, "読めない記録 {0} 件。最初: {1}", "{0} records not read; first: {1}"},

    {Text::kTokenCreated, "トークン (一度だけ表示します):", "Token (shown only once):"},
    {Text::kTokenNext,
     "有効期限 {0}。端末で {1} を実行し、トークンを貼り付けて Enter、Ctrl-D を押してください。HOST:PORT "
     "は収集サーバーの端末用アドレス（collector.toml の listen.agent）です。",
     "Valid until {0}. On the device run {1} then paste the token, press Enter and Ctrl-D. HOST:PORT is where the "
     "collector listens for agents (listen.agent in collector.toml)."},
    {Text::kTokensCreated, "トークン {0} 個を発行しました。表示は一度だけです。有効期限 {1}。",
     "{0} tokens, shown only once, valid until {1}."},
    {Text::kNoDevices, "登録された機器はありません。daicho token create でトークンを発行してください。",
     "No device is enrolled yet. Start with: daicho token create"},
    {Text::kNoSoftware, "該当するソフトウェアはありません。", "No software matches."},
    {Text::kNoAccounts, "該当するアカウントはありません。", "No account matches."},
    {Text::kOnlySystemAccounts,
     "人が使うアカウント・ログイン可能なアカウントはありません。システムアカウント {0} 件は daicho accounts --all "
     "で表示できます。",
     "No account of a person and none that can log in; daicho accounts --all shows the {0} system accounts."},
    {Text::kNoFindings, "該当する指摘はありません。", "No findings."},
    {Text::kNoChecklist, "チェックリストが読み込まれていません。", "No checklist is loaded."},
    {Text::kNoExports, "定期書き出しは設定されていません。", "No scheduled exports are configured."},
    {Text::kNoRows, "該当する行はありません。", "No rows."},
    {Text::kSumDevices, "機器 {0} 台、未対応の指摘 {1} 件（参考を含む）",
     "Devices: {0}; open findings: {1}, those for information included"},
    {Text::kSumSoftware, "{0} 件 (機器 {1} 台)", "Installations: {0}; devices: {1}"},
    {Text::kSumAccounts, "{0} 件 (機器 {1} 台、管理者権限 {2} 件)",
     "Accounts: {0}; devices: {1}; with admin rights: {2}"},
    {Text::kSumFindings, "要対応 {0} 件（高 {1}、中 {2}、低 {3}）、参考 {4} 件",
     "{0} to do ({1} high, {2} medium, {3} low), {4} for information"},
    {Text::kSumSettled, "、例外・解消 {0} 件", ", {0} waived or resolved"},
    {Text::kSumChecklist, "{0} 項目、要対応 {1} 件", "{0} rows, {1} to do"},
    {Text::kSumRows, "{0} 行", "{0} rows"},
    {Text::kWaived, "指摘 {0} を例外登録しました（例外期限 {1}）。", "Finding {0} is accepted until {1}."},
    {Text::kWaiverEnded, "指摘 {0} の例外を終えました。", "The waiver of finding {0} has ended."},
    {Text::kGroupTitle, "■ {0}", "== {0}"},
    {Text::kRuleTitle, "[{0}] {1}", "[{0}] {1}"},
    {Text::kResolution, "対応: {0}", "To do: {0}"},
    {Text::kRevoked, "機器 {0} ({1}) を失効させました。以後、このエージェントの通信は拒否されます。",
     "Device {0} ({1}) is revoked; its agent is refused from now on."},
    {Text::kConfirmRevoke, "機器 {0} ({1}) を失効させますか? 元に戻すには再登録が必要です [y/N] ",
     "Revoke device {0} ({1})? Only enrolling it again undoes this [y/N] "},
    {Text::kExported, "{0} に書き出しました ({1} バイト)。", "Wrote {0} ({1} bytes)."},
    {Text::kProgress, "受信 {0} KB", "received {0} KB"},
    {Text::kServing, "収集サーバー {0} は稼働中です。", "The collector at {0} serves."},
    {Text::kNotServing, "収集サーバー {0} は台帳に書き込めません。空き容量またはデータベースを確認してください。",
     "The collector at {0} cannot write its ledger; check the space left, or the database."},
    {Text::kPartItem, "第{0}部 {1} {2}", "Part {0} {1} {2}"},
    {Text::kPart, "第{0}部", "Part {0}"},
    {Text::kNoItem, "チェックリスト外", "Not on the checklist"},
    {Text::kYes, "はい", "yes"},
    {Text::kNo, "いいえ", "no"},
    {Text::kAgeSeconds, "{0}秒前", "{0} s ago"},
    {Text::kAgeMinutes, "{0}分前", "{0} min ago"},
    {Text::kAgeHours, "{0}時間前", "{0} h ago"},
    {Text::kAgeDays, "{0}日前", "{0} d ago"},
    {Text::kNotSeenSince, "なし（{0}以降）", "none since {0}"},
    {Text::kUseUnknown, "不明（記録なし）", "unknown (no records)"},
    {Text::kUseFrom, "{0} ({1})", "{0} ({1})"},
};

// A text that is missing, empty or out of place does not compile.
constexpr bool IsComplete() {
  if (std::size(kTexts) != static_cast<std::size_t>(Text::kCount)) return false;
  for (std::size_t i = 0; i < std::size(kTexts); ++i) {
    if (static_cast<std::size_t>(kTexts[i].key) != i || kTexts[i].ja.empty() || kTexts[i].en.empty()) return false;
  }
  return true;
}
static_assert(IsComplete());

struct WordEntry {
  std::string_view word;
  std::string_view ja;
};

constexpr WordEntry kWords[] = {
    {"active", "稼働"},
    {"enrolled", "未報告"},
    {"revoked", "失効"},
    {"open", "未対応"},
    {"waived", "例外"},
    {"resolved", "解消"},
    {"info", "参考"},
    {"low", "低"},
    {"medium", "中"},
    {"high", "高"},
    {"full", "可"},
    {"part", "一部可"},
    {"none", "なし"},
    {"set", "設定あり"},
    {"empty", "空"},
    {"locked", "ロック"},
    {"unknown", "不明"},
    {"yes", "はい"},
    {"no", "いいえ"},
    {"desktop", "デスクトップ"},
    {"laptop", "ノート"},
    {"server", "サーバー"},
    {"tablet", "タブレット"},
    {"hand-held", "携帯端末"},
    {"docking station", "ドッキングステーション"},
    {"all-in-one", "一体型"},
    {"expansion", "拡張筐体"},
    {"storage", "ストレージ"},
    {"gateway", "ゲートウェイ"},
    {"embedded PC", "組込みPC"},
    {"mini PC", "小型PC"},
    {"stick PC", "スティックPC"},
    {"virtual machine", "仮想マシン"},
    {"ethernet", "有線"},
    {"wireless", "無線"},
    {"loopback", "ループバック"},
    {"bridge", "ブリッジ"},
    {"vlan", "VLAN"},
    {"bond", "ボンディング"},
    {"tunnel", "トンネル"},
    {"virtual", "仮想"},
    {"OK", "正常"},
    {"PARTIAL", "一部のみ"},
    {"FAILED", "失敗"},
    {"ledger", "機器台帳"},
    {"software", "ソフトウェア"},
    {"accounts", "アカウント"},
    {"findings", "指摘"},
    {"groups", "グループ"},
    {"os", "OS"},
    {"hardware", "ハードウェア"},
    {"network", "ネットワーク"},
    {"listeners", "待ち受けポート"},
};

}  // namespace

std::string_view Say(Language language, Text text) {
  const Entry& entry = kTexts[static_cast<std::size_t>(text)];
  return language == Language::kJapanese ? entry.ja : entry.en;
}

std::string Say(Language language, Text text, std::initializer_list<std::string_view> values) {
  const std::string_view pattern = Say(language, text);
  std::string filled;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool place = i + 2 < pattern.size() && pattern[i] == '{' && pattern[i + 2] == '}';
    const std::size_t index = place ? static_cast<std::size_t>(pattern[i + 1] - '0') : values.size();
    if (index < values.size()) {
      filled += values.begin()[index];
      i += 2;
    } else {
      filled += pattern[i];
    }
  }
  return filled;
}

std::string Word(Language language, std::string_view word) {
  if (language == Language::kJapanese) {
    for (const WordEntry& entry : kWords) {
      if (entry.word == word) return std::string(entry.ja);
    }
  }
  return std::string(word);
}

}  // namespace daicho::collector
