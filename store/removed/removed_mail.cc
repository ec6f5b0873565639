// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. A message's file is renamed into the day's directory, which costs what unlinking it would; only where the mailbox
//    lies on another file system it is copied.
// 2. What its name and its mailbox said of it is a line in the directory's list, which is written and synced before. A
//    line without a file says nothing; a torn or damaged line is skipped, and its file is found as one of no mailbox.
// 3. What was to be taken when the process ended is taken by the next one under the same name: it is there once.
#include "store/removed/removed_mail.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>
#include <stdexcept>
#include <system_error>
#include <tuple>

#include "proto/base/clock.h"
#include "proto/base/files.h"
#include "proto/base/lines.h"
#include "store/maildir/dovecot_files.h"
#include "store/maildir/mailbox_file.h"
#include "store/maildir/maildir.h"
#include "store/maildir/message_writer.h"
#include "store/maildir/packed.h"

namespace store {

namespace fs = std::filesystem;

namespace {

constexpr const char* kList = "list";
constexpr std::string_view kHead = "postern-removed 1\n";
constexpr std::int64_t kSecondsADay = 86'400, kSweepAgain = 3600;

std::string day_of(std::int64_t when) {
  const std::time_t time = when;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

bool is_day(const std::string& name) { return name.size() == 10 && name[4] == '-' && name[7] == '-'; }

void copy_and_unlink(const fs::path& from, const fs::path& to) {
  const auto half = to.parent_path() / ("." + to.filename().string());
  struct stat status{};
  if (::stat(from.c_str(), &status) < 0) throw std::system_error(errno, std::generic_category(), from.string());
  fs::copy_file(from, half, fs::copy_options::overwrite_existing);
  {
    const auto file = base::open_read(half);
    base::set_modification_time(file.get(), status.st_mtim.tv_sec);
    base::sync_data(file.get());
  }
  base::rename_file(half, to);
  base::unlink_if_exists(from);
}

// A list that cannot be read says nothing: its messages are there all the same.
std::string read_list(const fs::path& path) {
  try {
    return base::read_file_if_exists(path).value_or("");
  } catch (const std::system_error&) {
    return "";
  }
}

std::uint64_t size_of(const struct stat& status) { return static_cast<std::uint64_t>(status.st_size); }

// Calls f(name, status) for each message of a day.
template <class F>
void for_each_kept(const fs::path& directory, F f) {
  for_each_name(directory, [&](std::string_view name) {
    struct stat status{};
    if (name != kList && ::lstat((directory / name).c_str(), &status) == 0 && S_ISREG(status.st_mode)) f(name, status);
  });
}

// Those that were taken first, until `octets` are within the limit; how many.
std::size_t drop_oldest(const fs::path& directory, std::uint64_t limit, std::uint64_t& octets) {
  struct Kept {
    std::int64_t taken, fraction;
    std::uint64_t octets;
    std::string name;
  };
  std::vector<Kept> files;
  for_each_kept(directory, [&](std::string_view name, const struct stat& status) {
    files.push_back({status.st_ctim.tv_sec, status.st_ctim.tv_nsec, size_of(status), std::string(name)});
  });
  std::ranges::sort(files, {}, [](const Kept& file) { return std::tie(file.taken, file.fraction, file.name); });
  std::size_t dropped = 0;
  for (; octets > limit && dropped < files.size(); ++dropped) {
    base::unlink_if_exists(directory / files[dropped].name);
    octets -= std::min(octets, files[dropped].octets);
  }
  return dropped;
}

}  // namespace

std::string RemovedMail::file_of(std::string_view mailbox_id, imap::Uid uid) {
  return std::string(mailbox_id) + '-' + std::to_string(uid.value);
}

void RemovedMail::set_limits(KeepRemoved limits) {
  const base::MutexLock lock(mutex_);
  grown_ = grown_ || !(limits_ == limits);
  limits_ = limits;
  keeps_ = limits.time.count() > 0 && limits.octets > 0;
}

fs::path RemovedMail::directory_of(const RemovalLine& line) const { return folder_ / day_of(line.note.when); }

void RemovedMail::append(const fs::path& directory, const std::string& lines) {
  base::make_directories(directory);
  const auto list = base::open_append(directory / kList);
  struct stat status{};
  const bool fresh = ::fstat(list.get(), &status) == 0 && status.st_size == 0;
  // A line that a full disk or a power cut has torn ends here.
  base::write_all(list.get(), (fresh ? std::string(kHead) : std::string("\n")) + lines);
  if (sync_) base::sync_data(list.get());
}

void RemovedMail::note(std::span<const RemovalLine> lines) {
  std::map<fs::path, std::string> texts;
  for (const auto& line : lines) texts[directory_of(line)] += encode(line);
  const base::MutexLock lock(mutex_);
  grown_ = true;
  for (const auto& [directory, text] : texts) append(directory, text);
}

bool RemovedMail::take(const fs::path& file, const RemovalLine& line) {
  const auto to = directory_of(line) / line.file;
  try {
    return base::rename_if_exists(file, to);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::cross_device_link) throw;
  }
  copy_and_unlink(file, to);
  return true;
}

void RemovedMail::add(const imap::Literal& text, RemovalLine line) {
  line.file = base::unique_name();
  const auto directory = directory_of(line);
  base::make_directories(directory);
  const auto half = directory / ("." + line.file);
  const auto written = write_message(half, text);
  line.raw = written.file_size == written.wire_size;
  if (sync_) base::sync_data(written.file.get());
  note({&line, 1});
  base::rename_file(half, directory / line.file);
}

void RemovedMail::take_mailbox(const fs::path& directory, const std::string& name, const std::string& by) {
  std::vector<std::string> letters;
  MailboxFile known;
  try {
    letters = read_keyword_letters(directory);
    if (auto file = MailboxFile::read(directory)) known = std::move(*file);
  } catch (const std::runtime_error&) {  // what is left of it tells less
  }
  const auto now = base::unix_now();
  std::vector<RemovalLine> lines;
  std::vector<fs::path> files;
  for (const char* part : {"new", "cur"})
    for_each_name(directory / part, [&](std::string_view entry) {
      const auto parsed = parse_maildir_name(entry);
      struct stat status{};
      files.push_back(directory / part / entry);
      if (::lstat(files.back().c_str(), &status) < 0 || !S_ISREG(status.st_mode)) return files.pop_back();
      const auto at = known.uids.find(std::string(parsed.base));
      const auto uid = at != known.uids.end() ? std::optional(at->second) : parsed.uid;
      auto& line = lines.emplace_back();
      line.file = uid && !known.id.empty() ? file_of(known.id, *uid) : base::unique_name();
      line.raw = parsed.file_size && parsed.file_size == parsed.wire_size;
      line.mailbox = name;
      line.note = {now, by, status.st_mtim.tv_sec, parsed.system_flags, {}};
      for (std::size_t i = 0; i < letters.size() && i < 26; ++i)
        if ((parsed.keyword_letters & (1u << i)) && !letters[i].empty()) line.note.keywords.push_back(letters[i]);
      if (!uid) return;
      if (const auto more = known.more_keywords.find(uid->value); more != known.more_keywords.end())
        for (const auto& keyword : more->second) line.note.keywords.push_back(keyword);
    });
  note(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) take(files[i], lines[i]);
}

std::vector<fs::path> RemovedMail::day_directories() const {
  std::vector<fs::path> out;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder_, missing))
    if (is_day(entry.path().filename().string())) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

std::vector<RemovedMail::Day> RemovedMail::days() const {
  std::vector<Day> out;
  for (const auto& directory : day_directories()) {
    auto& day = out.emplace_back(directory, std::vector<RemovalLine>());
    std::set<std::string> files;
    for_each_name(directory, [&](std::string_view name) {
      if (name != kList) files.emplace(name);
    });
    const auto list = read_list(directory / kList);
    std::string_view rest = list;
    while (const auto text = base::take_line(rest))
      if (auto line = decode_removal_line(*text); line && files.erase(line->file) > 0)
        day.lines.push_back(std::move(*line));
    for (const auto& file : files) {
      struct stat status{};
      if (::lstat((directory / file).c_str(), &status) < 0 || !S_ISREG(status.st_mode)) continue;
      day.lines.push_back({file, false, "", {status.st_ctim.tv_sec, "not known", status.st_mtim.tv_sec, 0, {}}});
    }
  }
  return out;
}

std::vector<RemovedMessage> RemovedMail::list() {
  std::vector<RemovedMessage> out;
  const base::MutexLock lock(mutex_);
  for (const auto& day : days())
    for (const auto& line : day.lines) {
      struct stat status{};
      if (::lstat((day.directory / line.file).c_str(), &status) < 0) continue;
      auto& one = out.emplace_back();
      one.id = day.directory.filename().string() + '/' + line.file;
      one.mailbox = imap::MailboxName(line.mailbox, '/');
      one.when = line.note.when;
      one.by = line.note.by;
      one.flags.set_system_bits(line.note.system_flags);
      for (const auto& keyword : line.note.keywords) one.flags.add(keyword);
      one.internal_date = line.note.internal_date;
      one.octets = size_of(status);
      one.is_wire = line.raw;
    }
  std::ranges::sort(out, [](const auto& a, const auto& b) { return std::tie(a.when, a.id) < std::tie(b.when, b.id); });
  return out;
}

imap::Literal RemovedMail::text(const RemovedMessage& message) const {
  const auto file = base::open_read(folder_ / message.id);
  const auto reader = read_text(file.get(), packing_of_file(file.get()));
  std::string out;
  bool after_cr = false;
  std::vector<char> buffer(128 * 1024);
  while (const auto n = reader->read(buffer)) {
    const std::string_view piece(buffer.data(), n);
    if (message.is_wire)
      out += piece;
    else
      append_wire(out, piece, after_cr);
  }
  return imap::Literal(std::move(out));
}

void RemovedMail::forget(const std::string& id) { base::unlink_if_exists(folder_ / id); }

// A day at a time: whatever was removed in a month, no more than one day's names are in memory.
void RemovedMail::sweep() {
  const auto now = base::unix_now();
  const base::MutexLock lock(mutex_);
  if (!grown_ && now >= swept_ && now - swept_ < kSweepAgain) return;
  grown_ = false;
  swept_ = now;
  const auto oldest = day_of(now - limits_.time.count() * 3600 - kSecondsADay);
  std::uint64_t octets = 0;
  auto directories = day_directories();
  std::erase_if(directories, [&](const fs::path& directory) {
    std::error_code ignored;
    if (directory.filename().string() <= oldest) return fs::remove_all(directory, ignored), true;
    for_each_kept(directory, [&](std::string_view, const struct stat& status) { octets += size_of(status); });
    return false;
  });
  std::size_t dropped = 0;
  for (auto day = directories.begin(); octets > limits_.octets && day != directories.end(); ++day)
    dropped += drop_oldest(*day, limits_.octets, octets);
  if (dropped > 0) log_.info("the oldest removed messages are kept no longer", {{"messages", dropped}});
}

}  // namespace store
