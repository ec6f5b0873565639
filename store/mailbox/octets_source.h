// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Octets::Source: a message's file, read in wire form. Reading goes on where it was; going back starts over. The file
// stays open, so that it survives its expunge.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "proto/base/files.h"
#include "store/content.h"
#include "store/maildir/packed.h"

namespace store {

class Octets::Source {
 public:
  // raw: the text is in wire form already. wire_size: octets that it has in wire form. held: the file's text, where it
  // was read already.
  Source(base::FileDescriptor file, Packing packing, bool raw, std::uint64_t wire_size,
         std::optional<std::string> held = {})
      : file_(std::move(file)), packing_(packing), held_(std::move(held)), raw_(raw), wire_size_(wire_size) {}

  std::uint64_t wire_size() const { return wire_size_; }
  // Octets [offset, offset + length). Where a foreign hand has cut the file blanks stand for what is missing: the
  // announced size must hold all the same.
  void append_to(std::string& out, std::uint64_t offset, std::uint64_t length);

 private:
  void restart();
  bool next_piece();

  base::FileDescriptor file_;
  Packing packing_;
  std::optional<std::string> held_;
  std::unique_ptr<TextReader> reader_;  // null: at the beginning
  bool raw_;
  std::uint64_t wire_size_;
  std::string buffer_, piece_;
  std::uint64_t at_ = 0;  // wire offset of piece_
  bool after_cr_ = false;
};

// A file of which one reading is enough: for its packing, its size on the wire, and the text. nullopt: it is larger.
std::optional<std::string> read_if_small(int file, std::uint64_t size);
std::uint64_t wire_size_of(std::string_view file_octets);  // of a whole text

}  // namespace store
