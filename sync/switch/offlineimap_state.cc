// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/offlineimap_state.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string>

#include "proto/base/lines.h"

namespace mirror {

namespace {

using Entries = std::vector<OfflineImapEntry>;

constexpr std::string_view kMagic = "OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - FORMAT ";

std::unexpected<base::Refusal> damaged(std::string what) {
  return base::refuse(base::Reason::Corrupt, std::move(what));
}

// Small letters stand for keywords, whose names are not there.
imap::FlagSet flags_of(std::string_view letters) {
  imap::FlagSet out;
  for (const char letter : letters)
    for (const auto& row : imap::kFlagTable)
      if (row.maildir_letter == letter) out.add(row.flag);
  return out;
}

// Of messages that were not sent yet the number is negative. nullopt: no number.
std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

bool add(Entries& out, std::int64_t uid, std::string_view letters) {
  if (uid > 0xFFFFFFFFll) return false;
  if (uid > 0) out.push_back({imap::Uid(static_cast<std::uint32_t>(uid)), flags_of(letters)});
  return true;
}

struct Close {
  void operator()(sqlite3* database) const { ::sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

Statement prepare(const Database& database, const char* query) {
  sqlite3_stmt* out = nullptr;
  ::sqlite3_prepare_v2(database.get(), query, -1, &out, nullptr);
  return Statement(out);
}

std::string_view text_of(const Statement& statement, int column) {
  const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(statement.get(), column));
  return text == nullptr
             ? std::string_view()
             : std::string_view(text, static_cast<std::size_t>(::sqlite3_column_bytes(statement.get(), column)));
}

// Whether the first row of it says this.
bool says(const Database& database, const char* query, std::initializer_list<std::string_view> those) {
  const auto statement = prepare(database, query);
  if (!statement || ::sqlite3_step(statement.get()) != SQLITE_ROW) return false;
  const auto said = text_of(statement, 0);
  return std::ranges::any_of(those, [&](auto one) { return one == said; });
}

}  // namespace

base::Result<Entries> parse_offlineimap_status(std::string_view text) {
  if (!text.empty() && !text.ends_with('\n')) return damaged("it is cut off");
  const auto magic = base::take_line(text);
  if (!magic || !magic->starts_with(kMagic)) return damaged("it is no status of OfflineIMAP");
  const auto format = magic->substr(kMagic.size());
  if (format != "1" && format != "2") return damaged("it is of another version of OfflineIMAP");
  const char separator = format == "1" ? ':' : '|';
  Entries out;
  std::size_t number = 1;
  while (const auto line = base::take_line(text)) {
    ++number;
    const auto end = line->find(separator);
    const auto uid = number_of(line->substr(0, end));
    if (end == std::string_view::npos || !uid) return damaged("line " + std::to_string(number) + " is no message's");
    const auto rest = line->substr(end + 1);
    const auto letters = rest.substr(0, rest.find(separator));
    const auto fields = std::ranges::count(rest, '|');
    if ((separator == '|' && fields != 2) || !add(out, *uid, letters))
      return damaged("line " + std::to_string(number) + " is no message's");
  }
  return out;
}

// Only read: a journal beside it would be used to mend it, so then OfflineIMAP has to run once.
base::Result<Entries> read_offlineimap_database(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file.string() + "-journal", error))
    return damaged("OfflineIMAP was cut off while it wrote, or runs: run it once");
  if (!std::filesystem::is_regular_file(file, error)) return damaged("it is no regular file");
  sqlite3* opened = nullptr;
  const int code = ::sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const Database database(opened);
  if (code != SQLITE_OK) return damaged("it cannot be opened");
  if (!says(database, "PRAGMA quick_check(1)", {"ok"})) return damaged("SQLite says that it is damaged");
  if (!says(database, "SELECT value FROM metadata WHERE key = 'db_version'", {"1", "2"}))
    return damaged("it is of another version of OfflineIMAP, or of another program");
  const auto statement = prepare(database, "SELECT id, flags FROM status");
  if (!statement) return damaged("it has no table of messages");
  Entries out;
  int step = 0;
  while ((step = ::sqlite3_step(statement.get())) == SQLITE_ROW)
    if (::sqlite3_column_type(statement.get(), 0) != SQLITE_INTEGER ||
        !add(out, ::sqlite3_column_int64(statement.get(), 0), text_of(statement, 1)))
      return damaged("a UID in it is none");
  if (step != SQLITE_DONE) return damaged("it cannot be read to its end");
  return out;
}

}  // namespace mirror
