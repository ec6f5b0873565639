// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/transcript.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "proto/base/files.h"
#include "proto/flags.h"

namespace tests {

namespace {

using imap::equal_ignoring_case;

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> out;
  std::istringstream in(base::read_file(path));
  for (std::string line; std::getline(in, line);) out.push_back(std::move(line));
  return out;
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

std::string_view behind(std::string_view text, std::size_t octets) {
  text.remove_prefix(std::min(octets, text.size()));
  return text.starts_with(' ') ? text.substr(1) : text;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_tag(std::string_view word) { return word.starts_with("tag") && is_number(word.substr(3)); }

bool is_answer(std::string_view word) {
  return equal_ignoring_case(word, "ok") || equal_ignoring_case(word, "no") || equal_ignoring_case(word, "bad") ||
         word == "\"\"";
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    switch (text[++at]) {
      case 'r': out += '\r'; break;
      case 'n': out += '\n'; break;
      case '0': out += '\0'; break;
      case '{': {
        const auto end = text.find('}', at), space = text.find(' ', at);
        const auto count = std::stoul(std::string(text.substr(at + 1, space - at - 1)));
        for (std::size_t i = 0; i < count; ++i) out += text.substr(space + 1, end - space - 1);
        at = end;
        break;
      }
      default: out += text[at];
    }
  }
  return out;
}

// "From joe@example.org Thu Oct 05 12:00:00 2023"
std::string append_date(const std::string& from_line) {
  std::istringstream in(from_line);
  std::string from, who, weekday, month, day, time, year;
  in >> from >> who >> weekday >> month >> day >> time >> year;
  return "\"" + day + "-" + month + "-" + year + " " + time + " +0000\"";
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : lines_(lines_of(path)) {}

  Transcript read() {
    try {
      while (at_ < lines_.size() && !lines_[at_].empty()) header(lines_[at_++]);
      for (std::string line; next(line);) script(line);
      for (const auto& step : out_.steps)
        for (const auto& command : step.commands)
          if (!command.answer)
            throw std::runtime_error("no answer to the command of line " + std::to_string(command.line));
    } catch (const std::exception& error) {
      throw std::runtime_error("line " + std::to_string(at_) + ": " + error.what());
    }
    return std::move(out_);
  }

 private:
  void header(const std::string& line) {
    if (line.starts_with('#')) return;
    const auto colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("no \"key: value\"");
    const auto key = line.substr(0, colon), value = line.substr(colon + 2);
    if (key == "capabilities") {
      std::istringstream words(value);
      for (std::string word; words >> word;) out_.capabilities.push_back(word);
    } else if (key == "connections") {
      out_.connections = std::stoul(value);
    } else if (key == "messages") {
      out_.messages = value == "all" ? std::nullopt : std::optional(std::stoul(value));
    } else if (key == "ignore_extra_untagged") {
      out_.ignore_extra_untagged = value == "yes";
    } else if (key == "state") {
      static const std::vector<std::string> kStates{"nonauth", "auth", "created", "appended", "selected"};
      const auto state = std::ranges::find(kStates, value);
      if (state == kStates.end()) throw std::runtime_error("unknown state");
      out_.state = static_cast<Transcript::State>(state - kStates.begin());
    } else {
      throw std::runtime_error("unknown key " + key);
    }
  }

  // One line of the script, multi-line literals made whole.
  bool next(std::string& line) {
    for (; at_ < lines_.size(); ++at_) {
      const auto& text = lines_[at_];
      if (text.empty() || (text.starts_with('#') && !text.starts_with("#|"))) continue;
      line_ = static_cast<int>(++at_);
      line = text.starts_with("#|") ? unescape(std::string_view(text).substr(2)) : text;
      while (line.ends_with("{{{")) literal(line);
      return true;
    }
    return false;
  }

  void literal(std::string& line) {
    line.resize(line.size() - 3);
    std::string octets;
    for (bool first = true; at_ < lines_.size() && !lines_[at_].starts_with("}}}"); ++at_, first = false)
      octets += (first ? "" : "\r\n") + lines_[at_];
    if (at_ == lines_.size()) throw std::runtime_error("{{{ without }}}");
    line += "{" + std::to_string(octets.size()) + "}\r\n" + octets + lines_[at_++].substr(3);
  }

  void script(std::string_view line) {
    if (line.size() > 1 && line[1] == ' ' && (line[0] == '*' || line[0] == '!' || line[0] == '?')) {
      if (out_.steps.empty()) throw std::runtime_error("an untagged reply before the first command");
      out_.steps.back().untagged.push_back({line[0], split_words(line.substr(2))});
      return;
    }
    std::size_t connection = 0;
    if (out_.connections > 1) {
      const auto number = first_word(line);
      if (!is_number(number)) throw std::runtime_error("which connection?");
      connection = std::stoul(std::string(number)) - 1;
      if (connection >= out_.connections) throw std::runtime_error("no such connection");
      line = behind(line, number.size());
    }
    std::string tag;
    if (is_tag(first_word(line))) {
      tag = first_word(line);
      line = behind(line, tag.size());
    }
    if (is_answer(first_word(line)) && awaits_answer()) {
      answer(tag, line);
      return;
    }
    if (tag.empty() || !awaits_answer()) {
      if (awaits_answer()) throw std::runtime_error("the command before has no answer");
      out_.steps.emplace_back().connection = connection;
    }
    TranscriptStep::Command command{line_, tag, {}, std::nullopt};
    if (const auto word = first_word(line); is_answer(word)) {
      command.answer = split_words(word);
      line = behind(line, word.size());
    }
    command.text = line;
    out_.steps.back().commands.push_back(std::move(command));
  }

  bool awaits_answer() const {
    return !out_.steps.empty() &&
           std::ranges::any_of(out_.steps.back().commands, [](const auto& command) { return !command.answer; });
  }

  void answer(const std::string& tag, std::string_view line) {
    for (auto& command : out_.steps.back().commands) {
      if (command.answer || command.tag != tag) continue;
      command.answer = split_words(line);
      return;
    }
    throw std::runtime_error("an answer to no command");
  }

  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  int line_ = 0;
  Transcript out_;
};

}  // namespace

Transcript read_transcript(const std::filesystem::path& path) { return Reader(path).read(); }

std::vector<MboxMessage> read_mbox(const std::filesystem::path& path) {
  std::vector<MboxMessage> out;
  for (const auto& line : lines_of(path)) {
    if (line.starts_with("From "))
      out.push_back({append_date(line), {}});
    else if (out.empty())
      throw std::runtime_error(path.string() + " does not begin with \"From \"");
    else
      out.back().text += line + "\r\n";
  }
  return out;
}

}  // namespace tests
