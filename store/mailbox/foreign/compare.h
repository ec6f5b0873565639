// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Compare: what other programs have done to a mailbox's files. Pure: names and table in, findings out; no system call,
// no lock, no clock, and nothing is changed. Who reads the names (scan.cc, touched.cc) carries the findings out.
//
// The life of one file. It belongs to the row that has its base name, whatever its flags and its directory.
//
// clang-format off
//   state            which shows in            what is seen of it               finding       what it becomes
//   not known        no row, not doomed        it lies in new/ or cur/          Found         growing, or known
//   growing          the row's `growing`       not complete yet                 Growing       looked at again
//                                              complete, nobody has read less   Complete      known, with a new MODSEQ
//                                              complete, somebody has read less Replaced      known, under a new UID
//   known            the row's path            it is there                      Known
//                                              another name                     Renamed       known; the name's flags count
//                                              another text                     Rewritten     known, under a new UID
//                                              no name in two readings, or none
//                                              and an event that tells why      Gone          gone
//                                              no name, and no event tells why  Unexplained   the directory is read
//   to be renamed    pending, misnamed         another name than the row's      RenamedFirst  the index's flags count;
//   by us                                                                                     renamed by us afterwards
//   being renamed    renamed_to()              events of that rename            Known
//   by us just now                             a reading shows the new name     RenamedFirst  as above
//                                              no name                          Between       looked for again
//   twin             a second name of a row's  besides the row's file           Twin          compared with that file
//                    base                      the same file as the row's       Twin          left: half of a rename
//                                              a file of its own                Parted        gets a base of its own: Found
//                                              the row's file has gone          Renamed       known
//   doomed           DoomedFiles               any name of its base             Doomed        unlinked by that name too
//   elsewhere        the row's `elsewhere`     it has no name yet               (none)        known, when we have written it
//   gone             no row, not doomed        it is there again                Found         a message with a new UID
// clang-format on
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/mailbox/behind/doomed_files.h"
#include "store/mailbox/message_table.h"
#include "store/maildir/file_events.h"
#include "store/maildir/foreign_file.h"

namespace store {

struct Finding {
  enum class What : std::uint8_t {
    Known,
    Found,
    Growing,
    Complete,
    Replaced,
    Renamed,
    RenamedFirst,
    Between,
    Rewritten,
    Twin,
    Parted,
    Doomed,
    Gone,
    Unexplained
  };
  What what = What::Known;
  imap::Uid uid;   // the row's; 0: there is none
  FoundFile file;  // what was found; of what was not found it is empty
};
using Findings = std::vector<Finding>;

struct KnownFiles {
  const MessageTable& table;
  const DoomedFiles& doomed;
  const imap::UidSet& pending;  // messages whose files we shall rename
};

// All names of a directory. Where some row's file is not among them they are read a second time, for a file that is
// renamed meanwhile may be in neither place. Uses `known` until the findings are taken.
class NameComparison {
 public:
  explicit NameComparison(const KnownFiles& known);
  void first_reading(std::vector<FoundFile> names);
  bool misses_some() const;
  void second_reading(std::vector<FoundFile> names);
  Findings findings() &&;

 private:
  void compare(FoundFile file, bool again);
  void compare_with_row(std::size_t position, FoundFile file);
  bool is_found_again(std::size_t position, const FoundFile& file) const;

  KnownFiles known_;
  std::unordered_map<std::string_view, std::size_t> by_base_;  // to the row's position, as everywhere here
  std::unordered_set<std::string> doomed_paths_;
  std::vector<bool> seen_, at_home_;
  std::vector<std::pair<std::size_t, FoundFile>> elsewhere_;        // files that their rows call otherwise
  std::unordered_map<std::size_t, std::size_t> elsewhere_earlier_;  // position to elsewhere_, of the first reading
  Findings findings_;
};

// What the watch has told of the names of one base.
struct Touched {
  std::set<std::string> paths, removed;
  std::set<std::string> closed;  // files that were moved here, or that their writers have closed
  bool left = false;             // a file has left its name for another
  std::set<std::string> there;   // of `paths` and the row's: those that are there now
};
Findings compare_touched(const KnownFiles& known, const std::string& base, const Touched& touched);

// Whether an event tells what a row says already, or what our own rename does: then nobody has to look.
bool is_known(const MessageTable& table, const FileEvent& event);

// Files that hold another text now. What a row does not tell does not differ.
struct Told {
  bool written = false;  // somebody writes to it
  bool named = false;    // a file was given this name
  bool left = false;     // it had another name before
};
std::map<imap::Uid, Told> told_of_texts(const MessageTable& table, const std::vector<FileEvent>& events);
struct LookedAt {
  Measured now;
  std::optional<Measured> when_it_came;
  bool just_now = false;  // it changed within the last minute
};
Finding::What compare_text(const Row& row, const Told& told, const LookedAt& file);
bool has_other_size(const Row& row, const Measured& file);

// A growing file, by what somebody has read of it before, if anybody has.
Finding::What compare_growing(const Row* row, bool complete, const Measured& now,
                              const std::optional<Measured>& read_early);

// A second file of one base name. nullopt: it is not there.
using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
Finding::What compare_twin(FileId of_row, std::optional<FileId> twin);

}  // namespace store
