// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/spool.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "proto/base/files.h"

namespace imap {

namespace {

class TextInMemory final : public SpooledText {
 public:
  explicit TextInMemory(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  void for_each_piece(const std::function<void(std::string_view)>& f) const override { f(text_); }

 private:
  std::string text_;
};

class MemorySpool final : public Spool {
 public:
  void write(std::string_view octets) override { text_ += octets; }
  std::shared_ptr<const SpooledText> finish() override { return std::make_shared<TextInMemory>(std::move(text_)); }

 private:
  std::string text_;
};

class TextInFile final : public SpooledText {
 public:
  TextInFile(base::FileDescriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  void for_each_piece(const std::function<void(std::string_view)>& f) const override {
    std::string buffer(256 * 1024, 0);
    for (std::uint64_t at = 0; at < size_;) {
      const auto want = std::min<std::uint64_t>(buffer.size(), size_ - at);
      const auto n = base::read_some_at(file_.get(), at, std::span(buffer.data(), want));
      if (n == 0) throw std::runtime_error("literal's file is shorter than announced");
      f(std::string_view(buffer.data(), n));
      at += n;
    }
  }

 private:
  base::FileDescriptor file_;
  std::uint64_t size_;
};

class FileSpool final : public Spool {
 public:
  explicit FileSpool(const std::filesystem::path& directory) : file_(base::anonymous_file(directory)) {}
  void write(std::string_view octets) override {
    base::write_all(file_.get(), octets);
    size_ += octets.size();
  }
  std::shared_ptr<const SpooledText> finish() override { return std::make_shared<TextInFile>(std::move(file_), size_); }

 private:
  base::FileDescriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace

SpoolFactory spool_in_memory() {
  return [] { return std::make_unique<MemorySpool>(); };
}

SpoolFactory spool_in_files_without_name(std::filesystem::path directory) {
  return [directory = std::move(directory)] { return std::make_unique<FileSpool>(directory); };
}

}  // namespace imap
