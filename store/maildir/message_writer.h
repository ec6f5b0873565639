// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Writing a message to a file, in the form that store/maildir/maildir.h tells: with bare LFs where the text has CRLF
// throughout, else as it came.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "proto/base/files.h"
#include "proto/literal.h"

namespace store {

// Whether every LF of these octets has a CR before it and every CR an LF behind it: the first by looking, the second
// because there are as many of the one as of the other.
class LineEnds {
 public:
  void see(std::string_view piece);
  bool crlf_throughout() const { return !bare_lf_ && crs_ == lines_; }
  // No end of a line so far that would make it false; a CR may wait for its LF.
  bool crlf_so_far() const { return !bare_lf_ && crs_ == lines_ + (after_cr_ ? 1 : 0); }
  bool after_cr() const { return after_cr_; }  // the last octet was a CR
  std::uint64_t lines() const { return lines_; }

 private:
  bool bare_lf_ = false;
  bool after_cr_ = false;
  std::uint64_t lines_ = 0;
  std::uint64_t crs_ = 0;
};

struct WrittenFile {
  base::FileDescriptor file;  // not synced yet
  std::uint64_t file_size = 0;
  std::uint64_t wire_size = 0;
};
// Writes a message to a new file, in the form told above. Throws std::system_error; the file may be left half made.
// `see` gets the octets in pieces, as they are on the wire.
WrittenFile write_message(const std::filesystem::path& path, const imap::Literal& octets,
                          const std::function<void(std::string_view piece)>& see = {});

// The same of a message that is still coming, written once. One whose lines do not end in CRLF throughout, which shows
// only when such a line comes, is written anew as it came. What finish() does not end leaves no file behind.
class MessageWriter {
 public:
  explicit MessageWriter(std::filesystem::path path);  // makes the file; std::system_error
  ~MessageWriter();
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;
  void write(std::string_view piece);
  WrittenFile finish();
  const std::filesystem::path& path() const { return path_; }

 private:
  void put(std::string_view octets);
  void begin_anew(bool cr_is_left_out);  // as it came

  std::filesystem::path path_;
  base::FileDescriptor file_;
  LineEnds ends_;
  bool bare_ = true;  // CRs are left out
  bool finished_ = false;
  std::uint64_t wire_size_ = 0, file_size_ = 0, flowing_ = 0;
};

}  // namespace store
