// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/arrived_message.h"

#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "proto/base/fail_point.h"
#include "proto/mail/digest.h"
#include "store/mailbox/refusal.h"
#include "store/maildir/maildir.h"
#include "store/spool.h"

namespace store {

namespace fs = std::filesystem;

namespace {

fs::path arrivals(const fs::path& root) { return root / ".postern" / "tmp"; }

class ArrivingMessage final : public imap::Spool {
 public:
  explicit ArrivingMessage(const fs::path& directory) : writer_(directory / base::unique_name()) {}
  void write(std::string_view octets) override {
    digest_.add(octets);
    writer_.write(octets);
  }
  std::shared_ptr<const imap::SpooledText> finish() override {
    const auto written = writer_.finish();
    return std::make_shared<ArrivedMessage>(writer_.path(), written.file_size, written.wire_size, digest_.finish());
  }

 private:
  MessageWriter writer_;
  mail::Sha256 digest_;
};

class WireReader final : public imap::SpooledText::Reader {
 public:
  WireReader(const fs::path& path, std::uint64_t file_size, bool as_it_came)
      : file_(base::open_read(path)), file_size_(file_size), as_it_came_(as_it_came), buffer_(256 * 1024, 0) {}
  std::string_view next() override {
    if (at_ >= file_size_) return {};
    const auto n = base::read_some_at(file_.get(), at_, std::span(buffer_));
    if (n == 0) throw std::runtime_error("a message that has arrived has become shorter");
    at_ += n;
    const std::string_view piece(buffer_.data(), n);
    if (as_it_came_) return piece;
    wire_.clear();
    append_wire(wire_, piece, after_cr_);
    return wire_;
  }

 private:
  base::FileDescriptor file_;
  std::uint64_t file_size_, at_ = 0;
  bool as_it_came_, after_cr_ = false;
  std::string buffer_, wire_;
};

}  // namespace

ArrivedMessage::ArrivedMessage(fs::path path, std::uint64_t file_size, std::uint64_t wire_size, std::string sha256)
    : path_(std::move(path)), file_size_(file_size), wire_size_(wire_size), sha256_(std::move(sha256)) {}

ArrivedMessage::~ArrivedMessage() {
  if (!base::FailPoint::crashed()) ::unlink(path_.c_str());
}

std::unique_ptr<imap::SpooledText::Reader> ArrivedMessage::reader() const {
  return std::make_unique<WireReader>(path_, file_size_, file_size_ == wire_size_);
}

std::optional<WrittenFile> ArrivedMessage::link(const fs::path& to) const {
  WrittenFile out{base::open_read(path_), file_size_, wire_size_};
  try {
    base::link_file(path_, to);
  } catch (const std::system_error& error) {
    if (!cannot_be_linked(error.code().value())) throw;
    return std::nullopt;
  }
  return out;
}

void forget_arrivals(const fs::path& root) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(arrivals(root), ignored))
    if (entry.is_regular_file(ignored)) ::unlink(entry.path().c_str());
}

imap::SpoolFactory spool_in_store(const fs::path& root) {
  return [directory = arrivals(root)]() -> std::unique_ptr<imap::Spool> {
    base::make_directories(directory);
    return std::make_unique<ArrivingMessage>(directory);
  };
}

}  // namespace store
