// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Literal: octets in memory, or in an anonymous file when they are many. Never copied to be counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "proto/base/files.h"

namespace imap {

class Literal {
 public:
  Literal() = default;
  explicit Literal(std::string bytes) : data_(std::move(bytes)) {}
  Literal(std::shared_ptr<const base::FileDescriptor> file, std::uint64_t offset, std::uint64_t size)
      : data_(InFile{std::move(file), offset, size}) {}

  std::uint64_t size() const {
    if (auto* f = std::get_if<InFile>(&data_)) return f->size;
    return std::get<std::string>(data_).size();
  }
  // The octets, where they are in memory; nullptr where they are in a file.
  const std::string* in_memory() const { return std::get_if<std::string>(&data_); }
  std::string* in_memory() { return std::get_if<std::string>(&data_); }

  // Calls f(std::string_view) with consecutive pieces of at most 256 KiB (a literal in memory is one piece).
  template <class F>
  void for_each_piece(F f) const {
    if (auto* s = in_memory()) {
      f(std::string_view(*s));
      return;
    }
    auto& file = std::get<InFile>(data_);
    std::string buffer(256 * 1024, 0);
    for (std::uint64_t at = 0; at < file.size;) {
      auto want = std::min<std::uint64_t>(buffer.size(), file.size - at);
      auto n = base::read_some_at(file.fd->get(), file.offset + at, std::span(buffer.data(), want));
      if (n == 0) throw std::runtime_error("literal's file is shorter than announced");
      f(std::string_view(buffer.data(), n));
      at += n;
    }
  }
  std::string bytes() const {
    std::string out;
    out.reserve(size());
    for_each_piece([&](std::string_view piece) { out += piece; });
    return out;
  }
  bool operator==(const Literal& other) const { return size() == other.size() && bytes() == other.bytes(); }

 private:
  struct InFile {
    std::shared_ptr<const base::FileDescriptor> fd;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };
  std::variant<std::string, InFile> data_;
};

}  // namespace imap
