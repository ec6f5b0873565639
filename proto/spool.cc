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

constexpr std::size_t kPiece = 256 * 1024;

class TextInMemory final : public SpooledText {
 public:
  explicit TextInMemory(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  std::unique_ptr<Reader> reader() const override { return std::make_unique<Once>(text_); }

 private:
  class Once final : public Reader {
   public:
    explicit Once(std::string_view text) : rest_(text) {}
    std::string_view next() override {
      const auto piece = rest_.substr(0, kPiece);
      rest_.remove_prefix(piece.size());
      return piece;
    }

   private:
    std::string_view rest_;
  };
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
  std::unique_ptr<Reader> reader() const override { return std::make_unique<FileReader>(file_.get(), size_); }

 private:
  class FileReader final : public Reader {
   public:
    FileReader(int file, std::uint64_t size) : file_(file), size_(size) {}
    std::string_view next() override {
      const auto want = std::min<std::uint64_t>(kPiece, size_ - at_);
      if (want == 0) return {};
      buffer_.resize(kPiece);
      const auto n = base::read_some_at(file_, at_, std::span(buffer_.data(), want));
      if (n == 0) throw std::runtime_error("literal's file is shorter than announced");
      at_ += n;
      return {buffer_.data(), n};
    }

   private:
    int file_;
    std::uint64_t size_, at_ = 0;
    std::string buffer_;
  };
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
