// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// compare: a row for each transition in the life of one file (the table at the head of compare.h), without any file.
#include "store/mailbox/foreign/compare.h"

#include <gtest/gtest.h>

#include <sstream>

#include "store/maildir/maildir.h"

namespace {

using imap::Uid;
using store::FileEvent;
using store::Watch;
using What = store::Finding::What;

const char* word_of(What what) {
  switch (what) {
    case What::Known: return "known";
    case What::Found: return "found";
    case What::Growing: return "growing";
    case What::Complete: return "complete";
    case What::Replaced: return "replaced";
    case What::Renamed: return "renamed";
    case What::RenamedFirst: return "renamed-first";
    case What::Between: return "between";
    case What::Rewritten: return "rewritten";
    case What::Twin: return "twin";
    case What::Parted: return "parted";
    case What::Doomed: return "doomed";
    case What::Gone: return "gone";
    case What::Unexplained: return "unexplained";
  }
  return "?";
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string shown(const store::Findings& findings) {
  std::string out;
  for (const auto& finding : findings) {
    out += (out.empty() ? "" : "; ") + std::string(word_of(finding.what));
    if (finding.uid.value != 0) out += " " + std::to_string(finding.uid.value);
    if (!finding.file.name.empty()) out += " " + finding.file.path();
    if (finding.file.was_closed) out += " closed";
  }
  return out;
}

store::FoundFile file_at(const std::string& path) { return {path.substr(4), path.starts_with("new/"), false}; }

// What the mailbox knows: message 7 by `path` (none: ""), and what is to become of its file.
struct Mailbox {
  Mailbox(const std::string& path, const std::string& state) {
    if (!path.empty()) {
      store::Row row;
      row.uid = Uid(7);
      row.name = path.substr(4);
      row.in_new = path.starts_with("new/");
      row.system_flags = store::parse_maildir_name(row.name).system_flags;
      row.growing = state == "growing";
      row.elsewhere = state == "elsewhere";
      if (state == "misnamed") row.system_flags ^= static_cast<std::uint8_t>(imap::Flag::Flagged);
      table.index_base(row);
      std::vector<store::Row> rows{row};
      table.add(rows);
    }
    if (state == "pending") pending.add(Uid(7));
    if (state.starts_with("renaming:")) table.begin_rename(Uid(7), state.substr(9));
    if (state.starts_with("doomed:")) doomed.add(Uid(3), state.substr(7));
  }
  store::KnownFiles known() const { return {table, doomed, pending}; }
  const store::Row& row() const { return *table.find(Uid(7)); }

  store::MessageTable table;
  store::DoomedFiles doomed;
  imap::UidSet pending;
};

struct Reading {
  const char *path, *state, *first, *second, *findings;  // second "": the names need not be read again
};

const Reading kReadings[] = {
    // Not known.
    {"", "", "new/a", "", "found new/a"},
    {"", "", "cur/a:2,S new/b", "", "found cur/a:2,S; found new/b"},
    {"cur/a:2,", "", "cur/a:2, new/b", "", "found new/b"},
    {"", "", "", "", ""},
    // Known, and as it was.
    {"cur/a:2,", "", "cur/a:2,", "", ""},
    {"new/a", "", "new/a", "", ""},
    {"cur/a:2,", "pending", "cur/a:2,", "", ""},
    {"cur/a:2,", "misnamed", "cur/a:2,", "", ""},
    {"cur/a:2,", "growing", "cur/a:2,", "", ""},
    // Renamed by others: flags, directory, both.
    {"cur/a:2,", "", "cur/a:2,S", "", "renamed 7 cur/a:2,S"},
    {"cur/a:2,FS", "", "cur/a:2,", "", "renamed 7 cur/a:2,"},
    {"new/a", "", "cur/a:2,", "", "renamed 7 cur/a:2,"},
    {"cur/a:2,", "", "new/a", "", "renamed 7 new/a"},
    {"cur/a:2,", "growing", "cur/a:2,S", "", "renamed 7 cur/a:2,S"},
    // Renamed by others while a rename of ours is to come.
    {"cur/a:2,", "pending", "cur/a:2,S", "", "renamed-first 7 cur/a:2,S"},
    {"cur/a:2,", "misnamed", "cur/a:2,S", "", "renamed-first 7 cur/a:2,S"},
    // Renamed by us just now.
    {"cur/a:2,", "renaming:cur/a:2,F", "cur/a:2,", "", ""},
    {"cur/a:2,", "renaming:cur/a:2,F", "cur/a:2,F", "", "renamed-first 7 cur/a:2,F"},
    {"cur/a:2,", "renaming:cur/a:2,F", "none", "none", "between 7"},
    // Read while it was being renamed: seen twice, or only by the second reading.
    {"cur/a:2,", "", "cur/a:2, cur/a:2,S", "", "twin 7 cur/a:2,S"},
    {"cur/a:2,", "", "cur/a:2,S cur/a:2,", "", "twin 7 cur/a:2,S"},
    {"cur/a:2,", "", "new/a cur/a:2,S", "", "twin 7 cur/a:2,S; renamed 7 new/a"},
    {"cur/a:2,", "", "none", "cur/a:2,S", "renamed 7 cur/a:2,S"},
    {"cur/a:2,", "", "none", "cur/a:2,", ""},
    // Not there.
    {"cur/a:2,", "", "none", "none", "gone 7"},
    {"cur/a:2,", "pending", "none", "none", "gone 7"},
    {"cur/a:2,", "growing", "none", "none", "gone 7"},
    {"cur/a:2,", "", "new/b", "new/b new/c", "found new/b; gone 7"},
    // It has no file yet: what is there is not its own.
    {"cur/", "elsewhere", "none", "", ""},
    {"cur/", "elsewhere", "new/a", "", "found new/a"},
    // Doomed, under the name that is known and under another.
    {"", "doomed:cur/a:2,S", "cur/a:2,S", "", ""},
    {"", "doomed:cur/a:2,S", "cur/a:2,FS", "", "doomed cur/a:2,FS"},
    {"", "doomed:new/a", "cur/a:2,", "", "doomed cur/a:2,"},
    {"", "doomed:new/a", "none", "", ""},
};

TEST(Compare, NamesOfADirectory) {
  for (const auto& row : kReadings) {
    SCOPED_TRACE(std::string(row.path) + " | " + row.state + " | " + row.first + " | " + row.second);
    const Mailbox mailbox(row.path, row.state);
    const auto read = [](const std::string& names) {
      std::vector<store::FoundFile> out;
      for (const auto& path : words(names))
        if (path != "none") out.push_back(file_at(path));
      return out;
    };
    store::NameComparison comparison(mailbox.known());
    comparison.first_reading(read(row.first));
    EXPECT_EQ(comparison.misses_some(), *row.second != 0);
    if (*row.second != 0) comparison.second_reading(read(row.second));
    EXPECT_EQ(shown(std::move(comparison).findings()), row.findings);
  }
}

// A second reading, made for another message, finds what the first has found: no twin of itself.
TEST(Compare, AFileThatIsReadTwiceIsNoTwinOfItself) {
  Mailbox mailbox("cur/a:2,", "");
  store::Row other;
  other.uid = Uid(8);
  other.name = "b:2,";
  std::vector<store::Row> rows{other};
  mailbox.table.add(rows);
  store::NameComparison comparison(mailbox.known());
  comparison.first_reading({file_at("cur/a:2,S")});
  ASSERT_TRUE(comparison.misses_some());
  comparison.second_reading({file_at("cur/a:2,S"), file_at("cur/b:2,")});
  EXPECT_EQ(shown(std::move(comparison).findings()), "renamed 7 cur/a:2,S");
}

struct Touch {
  const char *path, *state, *events, *there, *findings;  // events: "+path" came, "-path" left, "xpath" removed
};

const Touch kTouches[] = {
    {"", "", "+new/a", "new/a", "found new/a closed"},
    {"", "", "+new/a", "", ""},  // came and went
    {"", "", "+new/a -new/a +cur/a:2,S", "cur/a:2,S", "found cur/a:2,S closed"},
    {"", "doomed:cur/a:2,", "+cur/a:2,S", "cur/a:2,S", "doomed cur/a:2,S closed"},
    {"cur/a:2,", "", "-cur/a:2, +cur/a:2,S", "cur/a:2,S", "renamed 7 cur/a:2,S"},
    {"cur/a:2,", "", "+cur/a:2,S xcur/a:2,", "cur/a:2,S", "renamed 7 cur/a:2,S"},
    {"new/a", "", "-new/a +cur/a:2,", "cur/a:2,", "renamed 7 cur/a:2,"},
    {"cur/a:2,", "pending", "-cur/a:2, +cur/a:2,S", "cur/a:2,S", "renamed-first 7 cur/a:2,S"},
    {"cur/a:2,", "misnamed", "-cur/a:2, +cur/a:2,S", "cur/a:2,S", "renamed-first 7 cur/a:2,S"},
    {"cur/a:2,", "renaming:cur/a:2,F", "-cur/a:2, +cur/a:2,S", "cur/a:2,S", "between 7"},
    {"cur/a:2,", "renaming:cur/a:2,F", "xcur/a:2,", "", "between 7"},
    {"cur/a:2,", "", "+cur/a:2,S", "cur/a:2, cur/a:2,S", "twin 7 cur/a:2,S"},
    {"cur/a:2,", "", "-cur/a:2, +cur/a:2,F +cur/a:2,S", "cur/a:2,F cur/a:2,S", "renamed 7 cur/a:2,F; twin 7 cur/a:2,S"},
    {"cur/a:2,", "", "xcur/a:2,", "", "gone 7"},
    {"cur/a:2,", "", "xcur/a:2,", "cur/a:2,", ""},  // and is there again
    {"cur/a:2,", "", "-cur/a:2,", "", "unexplained 7"},
    {"cur/a:2,", "", "-cur/a:2, +cur/a:2,S", "", "unexplained 7"},
    {"cur/a:2,", "", "-cur/a:2, +cur/a:2,S xcur/a:2,S", "", "unexplained 7"},
};

store::Touched touched_by(const Touch& touch) {
  store::Touched out;
  for (const auto& event : words(touch.events)) {
    const auto path = event.substr(1);
    out.paths.insert(path);
    if (event[0] == '+') out.closed.insert(path);
    if (event[0] == 'x') out.removed.insert(path);
    if (event[0] == '-') out.left = true;
  }
  for (const auto& path : words(touch.there)) out.there.insert(path);
  return out;
}

TEST(Compare, NamesThatTheWatchTold) {
  for (const auto& row : kTouches) {
    SCOPED_TRACE(std::string(row.path) + " | " + row.state + " | " + row.events + " | " + row.there);
    const Mailbox mailbox(row.path, row.state);
    EXPECT_EQ(shown(compare_touched(mailbox.known(), "a", touched_by(row))), row.findings);
  }
}

TEST(Compare, EventsOfOurOwnDoingNeedNoLook) {
  struct Event {
    const char *path, *state;
    Watch::What what;
    const char* event;
    bool known;
  };
  using enum Watch::What;
  const Event events[] = {
      {"cur/a:2,", "", Came, "cur/a:2,", true},
      {"cur/a:2,", "", Written, "cur/a:2,", true},
      {"cur/a:2,", "", Came, "cur/a:2,S", false},
      {"cur/a:2,", "", Left, "cur/a:2,S", true},  // the name before our last rename
      {"cur/a:2,", "", Removed, "cur/a:2,S", true},
      {"cur/a:2,", "", Left, "cur/a:2,", false},
      {"cur/a:2,", "", Removed, "cur/a:2,", false},
      {"cur/a:2,", "renaming:cur/a:2,F", Left, "cur/a:2,", true},
      {"cur/a:2,", "renaming:cur/a:2,F", Came, "cur/a:2,F", true},
      {"cur/a:2,", "renaming:cur/a:2,F", Came, "cur/a:2,S", false},
      {"cur/a:2,", "renaming:cur/a:2,F", Removed, "cur/a:2,", false},
      {"", "", Came, "new/a", false},
      {"", "", Left, "new/a", true},  // never was a message, or is none any more
      {"", "", Removed, "new/a", true},
  };
  for (const auto& event : events) {
    const Mailbox mailbox(event.path, event.state);
    EXPECT_EQ(is_known(mailbox.table, {event.event, event.what}), event.known)
        << event.path << " | " << event.state << " | " << static_cast<int>(event.what) << event.event;
  }
}

}  // namespace
