// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ArrivedMessage: a large message that lies in the store already, as a file in the form of a mailbox's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "proto/spool.h"
#include "store/maildir/message_writer.h"

namespace store {

class ArrivedMessage final : public imap::SpooledText {
 public:
  ArrivedMessage(std::filesystem::path path, std::uint64_t file_size, std::uint64_t wire_size, std::string sha256);
  ~ArrivedMessage() override;
  std::uint64_t size() const override { return wire_size_; }
  std::unique_ptr<Reader> reader() const override;

  const std::string& sha256() const { return sha256_; }  // of the text as on the wire
  // A second name for the file; nullopt where the file system of `to` is another one, or has no such names.
  std::optional<WrittenFile> link(const std::filesystem::path& to) const;

 private:
  std::filesystem::path path_;
  std::uint64_t file_size_, wire_size_;
  std::string sha256_;
};

// Removes what arrived for a process that was killed.
void forget_arrivals(const std::filesystem::path& root);

}  // namespace store
