// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Spool: where a literal goes that is too large for memory, while it is still coming. Who has a place for it (a store)
// gives the Framer one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace imap {

// A literal that lies outside memory. May be read by several at once.
class SpooledText {
 public:
  virtual ~SpooledText() = default;
  virtual std::uint64_t size() const = 0;  // octets, as on the wire

  // The octets, as on the wire, from the beginning. Not to be used after the text; one at a time.
  class Reader {
   public:
    virtual ~Reader() = default;
    // At most 512 KiB, valid until the next call; empty: the end. May wait for the disk. Throws std::system_error.
    virtual std::string_view next() = 0;
  };
  virtual std::unique_ptr<Reader> reader() const = 0;
};

// One literal that is arriving. Destroyed without finish(), it leaves nothing behind. Throws std::system_error.
class Spool {
 public:
  virtual ~Spool() = default;
  virtual void write(std::string_view octets) = 0;
  virtual std::shared_ptr<const SpooledText> finish() = 0;  // once, when all octets have come
};

using SpoolFactory = std::function<std::unique_ptr<Spool>()>;

SpoolFactory spool_in_memory();                                             // for peers that are trusted
SpoolFactory spool_in_files_without_name(std::filesystem::path directory);  // which must exist

}  // namespace imap
