// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Maildir file names and files: what a name says, and how a message is written and read.
//
//   <time>.M<usec>P<pid>Q<n>.<host>,S=<file size>,W=<wire size>,U=<uid>:2,<flags>
//
// A file holds LF line ends where the message had CRLF throughout; its wire form turns each LF without CR before it
// into CRLF. A message that would lose something by that (a bare LF or CR somewhere) is kept raw: then S equals W, and
// its octets are its wire form. (Where there is no LF at all the two are the same.)
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/files.h"
#include "proto/flags.h"
#include "proto/literal.h"
#include "proto/numbers.h"

namespace store {

struct MaildirName {                       // views into the name that was parsed
  std::string_view base;                   // all before ":2,"
  std::optional<std::uint64_t> file_size;  // S=
  std::optional<std::uint64_t> wire_size;  // W=
  std::optional<imap::Uid> uid;            // U=
  std::uint8_t system_flags = 0;           // bits of imap::Flag
  std::uint32_t keyword_letters = 0;       // bit 0 is 'a'
  std::string_view unknown_letters;        // the info as written, when it has letters that nobody knows; else empty
};

MaildirName parse_maildir_name(std::string_view name);
std::string format_info(std::uint8_t system_flags, std::uint32_t keyword_letters,
                        std::string_view unknown_letters);  // ":2,FS"

// The base name of a new message.
std::string make_base(std::uint64_t file_size, std::uint64_t wire_size, imap::Uid uid);
// Another for a message that has one: with its sizes.
std::string base_like(const MaildirName& name, imap::Uid uid);
std::string strip_base(std::string_view base);  // without S=, W= and U=

// Octets of a file in wire form: what its first `octets` read as when each bare LF becomes CRLF.
std::uint64_t count_wire_size(int fd, std::uint64_t octets);
// The same of one piece; after_cr carries over between pieces.
std::uint64_t wire_octets(std::string_view file_octets, bool& after_cr);
void append_wire(std::string& out, std::string_view file_octets, bool& after_cr);

// Calls f(name) for each entry of a directory but those that begin with a dot. False: no such directory.
bool for_each_name(const std::filesystem::path& directory, const std::function<void(std::string_view)>& f);

}  // namespace store
