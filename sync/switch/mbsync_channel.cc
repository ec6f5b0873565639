// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Sync names directions (Pull, Push), types (New, Flags, ...), or both in one word (PullNew). Types without a direction
// are of both, a direction without types is of all.
#include "sync/switch/mbsync_channel.h"

#include <array>
#include <optional>
#include <set>

#include "proto/flags.h"

namespace mirror::mbsync {

namespace {

// Of isync 1.4, and what 1.5 calls them. An older message that was left out (Old) is none that is new to us.
constexpr std::array<std::pair<const char*, int>, 8> kTypes{
    {{"New", 0}, {"ReNew", 1}, {"Upgrade", 1}, {"Delete", 2}, {"Gone", 2}, {"Flags", 3}, {"Old", 0}, {"Full", -1}}};
constexpr std::size_t kAllTypes = 4;

using Types = std::set<int>;

// nullopt: it is no word of types.
std::optional<Types> types_of(std::string_view word) {
  if (imap::equal_ignoring_case(word, "All")) word = "Full";
  for (const auto& [name, type] : kTypes)
    if (imap::equal_ignoring_case(word, name)) return type >= 0 ? Types{type} : Types{0, 1, 2, 3};
  return std::nullopt;
}

struct Ways {
  Types pull, push;
  bool is_understood = true;

  explicit Ways(const Line& line) {
    Types bare;
    bool pulls = false, pushes = false;
    for (const auto& word : line.words) {
      const bool is_pull = imap::equal_ignoring_case(word.substr(0, 4), "Pull");
      const bool is_push = imap::equal_ignoring_case(word.substr(0, 4), "Push");
      if (imap::equal_ignoring_case(word, "None")) continue;
      if ((is_pull || is_push) && word.size() == 4) {
        (is_pull ? pulls : pushes) = true;
      } else if (is_pull || is_push) {
        add(is_pull ? pull : push, types_of(word.substr(4)));
      } else {
        add(bare, types_of(word));
      }
    }
    const bool both = !pulls && !pushes;
    const Types given = bare.empty() && !both ? Types{0, 1, 2, 3} : bare;
    if (pulls || both) pull.insert(given.begin(), given.end());
    if (pushes || both) push.insert(given.begin(), given.end());
  }

  static bool is_whole(const Types& types) { return types.size() == kAllTypes; }

 private:
  void add(Types& to, const std::optional<Types>& types) {
    if (types)
      to.insert(types->begin(), types->end());
    else
      is_understood = false;
  }
};

class Reading {
 public:
  Reading(const Section& all, const Section& channel) : all_(all), channel_(channel) {}

  ChannelRules run() {
    about_sync();
    about_limits();
    about_expunge();
    about_mailboxes();
    return std::move(out_);
  }

 private:
  const Line* find(const char* name) const {
    const auto* line = channel_.find({name});
    return line != nullptr ? line : all_.find({name});
  }
  void lose(const Line* line, const std::string& why) {
    out_.lost.emplace_back(line != nullptr ? *line : channel_.head, why);
  }
  static bool says(const Line* line, const char* word) {
    return line != nullptr && imap::equal_ignoring_case(line->first(), word);
  }

  void about_sync() {
    const auto* line = find("Sync");
    if (line == nullptr) return;
    const Ways ways(*line);
    if (ways.pull.empty() && ways.push.empty()) {
      out_.is_off = true;
      return lose(line, "it synchronises nothing, so it is left out");
    }
    if (Ways::is_whole(ways.pull) && Ways::is_whole(ways.push)) return;
    out_.mode = ways.pull.empty() ? "send" : "backup";
    const bool one_way = ways.pull.empty() || ways.push.empty();
    const bool whole = Ways::is_whole(ways.pull.empty() ? ways.push : ways.pull);
    if (!one_way || !whole || !ways.is_understood)
      lose(line, "there is no mode that does just this; mode = " + out_.mode + " is written");
    else if (ways.push.empty())
      lose(line, "mode = backup is written: it fetches, and removes nothing here; `mirror` also removes");
  }

  void about_limits() {
    for (const auto* name : {"MaxMessages", "MaxSize", "ExpireUnread", "ExpireSide"})
      if (const auto* line = find(name))
        lose(line, "all messages are fetched, also those that mbsync left on the server");
  }

  // Where nothing says Expunge, mode = backup expunges as little as mbsync does.
  void about_expunge() {
    const auto* line = find("Expunge");
    if (says(line, "Both") || (line == nullptr && out_.mode == "backup")) return;
    const std::string what = "what a mail client expunges is expunged on the other side too; `mode` forbids it";
    lose(line, line == nullptr ? "without Expunge mbsync leaves everything where it is; here " + what : what);
  }

  void about_mailboxes() {
    const auto *create = find("Create"), *remove = find("Remove");
    if (create == nullptr)
      lose(create,
           "without Create mbsync makes no mailboxes; here they are made on both sides; `mode` and "
           "list-mailbox forbid it");
    else if (!says(create, "Both"))
      lose(create, "mailboxes are made on both sides; `mode` and list-mailbox forbid it");
    out_.keeps_mailboxes = says(remove, "None");
    if (remove != nullptr && !says(remove, "Both") && !says(remove, "None"))
      lose(remove, "delete-mailboxes says what becomes of a mailbox that is gone on one side");
  }

  const Section& all_;
  const Section& channel_;
  ChannelRules out_;
};

}  // namespace

ChannelRules rules_of(const Section& all, const Section& channel) { return Reading(all, channel).run(); }

}  // namespace mirror::mbsync
