// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What is safe where several accounts have one local side: mail of one must never be sent to another's server. So
// prefixes must not overlap, but that an account without a prefix has what no other has: the others' prefixes are
// excluded from it, those of accounts whose configuration is wrong too.
#include "sync/config/accounts.h"

#include <algorithm>

#include "sync/config/config_reader.h"
#include "sync/mailbox_path.h"

namespace mirror {

namespace {

AccountEntry entry_of(const ConfigReader& reader, const std::string& section) {
  const auto& known = reader.known();
  return {known.file.string() + '\0' + section, known.name, reader.result(), known, reader.store()};
}

AccountEntry unreadable(const std::string& name, const std::filesystem::path& file, const base::Refusal& why) {
  AccountEntry out{file.string() + '\0', name, std::unexpected(why), {}, std::nullopt};
  out.known.name = name;
  out.known.file = file;
  return out;
}

// What `config` says to the files beside it.
struct Shared {
  std::optional<std::filesystem::path> store;
  HookCommands hooks;
};

AccountEntry read_account_file(const std::filesystem::path& file, const Shared& shared) {
  const auto name = file.stem().string();
  const auto text = read_config_text(file);
  if (!text) return unreadable(name, file, text.error());
  ConfigReader reader(file, "");
  if (shared.store) reader.use_store(*shared.store);
  reader.use_hooks(shared.hooks);
  reader.read(*text);
  auto out = entry_of(reader, "");
  out.name = out.known.name = name;
  if (out.config) out.config->name = name;
  if (const auto names = account_names(*text); names.size() > 1 || !names.front().empty())
    out.config = base::refuse(base::Reason::Configuration,
                              file.string() + ": a file of one account has the sections [local] and [remote] alone");
  return out;
}

bool is_one_place(const Config& a, const Config& b) {
  if (a.local.type != ServerConfig::Type::Store || b.local.type != ServerConfig::Type::Store)
    return a.local.type != ServerConfig::Type::Store && b.local.type != ServerConfig::Type::Store &&
           a.local.identity() == b.local.identity();
  return is_same_directory(a.local.path, b.local.path);
}

bool is_one_state(const Config& a, const Config& b) {
  const bool stores = a.local.type == ServerConfig::Type::Store, b_stores = b.local.type == ServerConfig::Type::Store;
  if (stores != b_stores) return false;
  return stores ? is_one_place(a, b) && a.database == b.database : a.journal_file() == b.journal_file();
}

// Why these two cannot both be synchronised; empty: nothing.
std::string conflict(const Config& a, const Config& b) {
  const auto both =
      "the accounts " + a.name + " (" + a.file.string() + ") and " + b.name + " (" + b.file.string() + ")";
  const std::string end = "; until then neither is synchronised";
  if (a.name == b.name)
    return "two accounts are called " + a.name + " (" + a.file.string() + " and " + b.file.string() + ")" + end;
  if (is_one_place(a, b) && prefixes_overlap(a.local.list_reference, b.local.list_reference)) {
    const auto shown = [](const std::string& prefix) { return prefix.empty() ? "none" : "\"" + prefix + "\""; };
    return both + " would have the same mailboxes here: their prefixes are " + shown(a.local.list_reference) + " and " +
           shown(b.local.list_reference) + "; give one of them a list-reference of its own in its [local], such as " +
           (b.local.list_reference == b.name + "/" ? a.name : b.name) + "/, or a path of its own" + end;
  }
  if (is_one_state(a, b))
    return both + " would keep their state under one name, " + a.database +
           "; write `database = NAME` with another name in one of them" + end;
  return {};
}

void refuse_conflicts(std::vector<AccountEntry>& all) {
  std::vector<std::string> why(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      if (!all[i].config || !all[j].config) continue;
      const auto text = conflict(all[i].known, all[j].known);
      for (const auto k : {i, j})
        if (why[k].empty()) why[k] = text;
    }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!why[i].empty()) all[i].config = base::refuse(base::Reason::Configuration, why[i]);
}

void share(std::vector<AccountEntry>& all) {
  for (auto& one : all) {
    if (!one.config) continue;
    for (const auto& other : all) {
      if (&other == &one || !is_one_place(one.known, other.known)) continue;
      const auto& prefix = other.known.local.list_reference;
      if (!prefix.empty()) one.config->others_prefixes.push_back(prefix);
      auto& keep = one.config->keep_removed;  // it is the store's
      keep.time = std::max(keep.time, other.known.keep_removed.time);
      keep.octets = std::max(keep.octets, other.known.keep_removed.octets);
      auto& ledger = one.config->keep_ledger;
      ledger.time = std::max(ledger.time, other.known.keep_ledger.time);
      ledger.octets = std::max(ledger.octets, other.known.keep_ledger.octets);
    }
  }
}

}  // namespace

bool prefixes_overlap(const std::string& a, const std::string& b) {
  const bool a_has_inbox = a.empty() || is_below_inbox(a), b_has_inbox = b.empty() || is_below_inbox(b);
  if (a_has_inbox && b_has_inbox) return true;
  return !a.empty() && !b.empty() && (a.starts_with(b) || b.starts_with(a));
}

std::vector<std::filesystem::path> account_files(const std::filesystem::path& file) {
  std::vector<std::filesystem::path> out;
  if (file.filename() != "config") return out;
  std::error_code ignored;
  for (const auto& one : std::filesystem::directory_iterator(file.parent_path() / "accounts", ignored)) {
    const auto name = one.path().filename().string();
    if (name.ends_with(".conf") && name.size() > 5 && name.front() != '.') out.push_back(one.path());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<AccountEntry> read_accounts(const std::filesystem::path& file) {
  std::vector<AccountEntry> out;
  Shared shared;
  const auto files = account_files(file);
  std::error_code ignored;
  if (files.empty() || std::filesystem::exists(file, ignored)) {
    if (const auto text = read_config_text(file)) {
      for (const auto& name : account_names(*text)) {
        ConfigReader reader(file, name);
        reader.read(*text);
        if (out.empty()) shared.hooks = reader.known().hooks;
        out.push_back(entry_of(reader, name));
        if (!shared.store) shared.store = reader.store();
      }
    } else {
      out.push_back(unreadable(file.stem().string(), file, text.error()));
    }
  }
  for (const auto& one : files) out.push_back(read_account_file(one, shared));
  refuse_conflicts(out);
  share(out);
  return out;
}

std::string accounts_stamp(const std::filesystem::path& file) {
  auto out = config_stamp(file);
  for (const auto& one : account_files(file)) out += '\n' + one.string() + ' ' + config_stamp(one);
  return out;
}

}  // namespace mirror
