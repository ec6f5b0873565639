// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reply_pattern.h"

#include <algorithm>
#include <optional>
#include <span>
#include <stdexcept>

#include "proto/flags.h"

namespace tests {

namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  Words words(bool in_list) {
    Words out;
    for (;;) {
      while (at_ < line_.size() && line_[at_] == ' ') ++at_;
      if (at_ == line_.size()) {
        if (in_list) throw std::runtime_error("a list without its end: " + std::string(line_));
        return out;
      }
      if (line_[at_] == ')' && in_list) {
        ++at_;
        return out;
      }
      out.push_back(word());
    }
  }

 private:
  Word word() {
    if (line_[at_] == '(') {
      ++at_;
      return {Word::Kind::List, {}, words(true)};
    }
    if (line_[at_] == '"') return quoted();
    if (auto literal = this->literal()) return std::move(*literal);
    const auto begin = at_;
    while (at_ < line_.size() && std::string_view(" ()\"").find(line_[at_]) == std::string_view::npos) ++at_;
    if (at_ == begin) ++at_;  // a parenthesis in a text
    const auto text = line_.substr(begin, at_ - begin);
    if (imap::equal_ignoring_case(text, "NIL")) return {Word::Kind::Nil, "NIL", {}};
    return {Word::Kind::Atom, std::string(text), {}};
  }

  Word quoted() {
    Word out{Word::Kind::Text, {}, {}};
    for (++at_; at_ < line_.size() && line_[at_] != '"'; ++at_) {
      if (line_[at_] == '\\') ++at_;
      if (at_ < line_.size()) out.text += line_[at_];
    }
    ++at_;
    if (at_ > line_.size()) throw std::runtime_error("a string without its end: " + std::string(line_));
    return out;
  }

  std::optional<Word> literal() {
    auto from = at_;
    if (line_[from] == '~') ++from;
    if (from >= line_.size() || line_[from] != '{') return std::nullopt;
    const auto end = line_.find("}\r\n", from);
    if (end == std::string_view::npos) return std::nullopt;
    const auto size = std::stoul(std::string(line_.substr(from + 1, end - from - 1)));
    at_ = std::min(end + 3 + size, line_.size());
    return Word{Word::Kind::Text, std::string(line_.substr(end + 3, size)), {}};
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

bool is_name(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// The variable at the head of `text`, which begins behind its '$'; `text` is moved behind it.
std::string take_name(std::string_view& text) {
  std::string name;
  if (text.starts_with('{')) {
    const auto end = text.find('}');
    if (end == std::string_view::npos) throw std::runtime_error("${ without }");
    name = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return name;
  }
  const auto length = static_cast<std::size_t>(std::ranges::find_if_not(text, is_name) - text.begin());
  name = text.substr(0, length);
  text.remove_prefix(length);
  return name;
}

bool text_matches(std::string_view pattern, std::string_view text, Variables& variables, bool prefix) {
  while (!pattern.empty()) {
    if (pattern[0] != '$' || pattern.starts_with("$$")) {
      const auto length = pattern[0] == '$' ? 2 : 1;
      if (text.empty() || !imap::equal_ignoring_case(pattern.substr(0, 1), text.substr(0, 1))) return false;
      pattern.remove_prefix(length);
      text.remove_prefix(1);
      continue;
    }
    pattern.remove_prefix(1);
    const auto name = take_name(pattern);
    if (const auto known = variables.find(name); !name.empty() && known != variables.end()) {
      if (!imap::equal_ignoring_case(text.substr(0, known->second.size()), known->second)) return false;
      text.remove_prefix(known->second.size());
      continue;
    }
    const auto length = pattern.empty() ? text.size() : std::min(text.find(pattern[0]), text.size());
    if (!name.empty()) variables[name] = text.substr(0, length);
    text.remove_prefix(length);
  }
  return prefix || text.empty();
}

// How a list is compared.
struct ListRule {
  bool ordered = true;
  std::size_t chain = 1;  // so many words belong together
  bool extra = false;     // the reply may hold more
  std::vector<std::string> ignored = {}, banned = {};
};

// Takes the directives off the pattern's head; nullopt: there are none.
std::optional<ListRule> take_directives(std::span<const Word>& pattern) {
  std::optional<ListRule> rule;
  for (; !pattern.empty() && pattern[0].text.starts_with("$!"); pattern = pattern.subspan(1)) {
    if (!rule) rule.emplace();
    const auto word = std::string_view(pattern[0].text).substr(2);
    const auto value = std::string(word.substr(std::min(word.find('='), word.size() - 1) + 1));
    if (word.starts_with("unordered")) {
      rule->ordered = false;
      rule->extra = true;
      if (word.size() > 9) rule->chain = std::stoul(value);
    } else if (word == "extra" || word == "noextra") {
      rule->extra = word == "extra";
    } else if (word.starts_with("ignore=")) {
      rule->ignored.push_back(value);
    } else if (word.starts_with("ban=")) {
      rule->banned.push_back(value);
    } else if (word != "ordered") {
      throw std::runtime_error("unknown directive: " + pattern[0].text);
    }
  }
  return rule;
}

const ListRule kAnyOrder{.ordered = false, .extra = true};
const ListRule kPairs{.ordered = false, .chain = 2, .extra = true};
const ListRule kFlags{.ordered = false, .ignored = {"\\recent"}};

bool is_one_of(const Word& word, const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [&](const auto& name) { return imap::equal_ignoring_case(word.text, name); });
}

class Matcher {
 public:
  Matcher(Variables& variables, bool prefix) : variables_(variables), prefix_(prefix) {}

  bool reply(std::span<const Word> pattern, std::span<const Word> words) {
    const auto name_at = !pattern.empty() && (pattern[0].text.starts_with('$') || std::isdigit(pattern[0].text[0]));
    if (pattern.size() > name_at) name_ = pattern[name_at].text;
    return sequence(pattern, words, 0);
  }

 private:
  bool is(std::string_view name) const { return imap::equal_ignoring_case(name_, name); }

  // What holds for a list without directives.
  ListRule usual_rule(std::size_t depth, std::size_t index, const Word* before) const {
    if (depth == 0 && index == 1 && (is("LIST") || is("LSUB"))) return kAnyOrder;
    if (depth == 0 && index == 2 && (is("FETCH") || is("STATUS"))) return kPairs;
    if (depth == 1 && is("FETCH") && before && imap::equal_ignoring_case(before->text, "FLAGS")) return kFlags;
    return {};
  }

  bool sequence(std::span<const Word> pattern, std::span<const Word> words, std::size_t depth) {
    const bool open_end = prefix_ && depth == 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i].text == "$]") {
        const auto end = std::ranges::find_if(words.subspan(std::min(i, words.size())), [](const Word& word) {
          return word.text.find(']') != std::string::npos;
        });
        return end != words.end() && i + 1 == pattern.size() && open_end;
      }
      if (i == words.size()) return false;
      const bool last = open_end && i + 1 == pattern.size();
      if (!word(pattern[i], words[i], depth, i, i > 0 ? &pattern[i - 1] : nullptr, last)) return false;
    }
    return words.size() == pattern.size() || open_end;
  }

  bool word(const Word& pattern, const Word& word, std::size_t depth, std::size_t index, const Word* before,
            bool prefix) {
    if (pattern.kind != Word::Kind::List) {
      if (pattern.text == "$" && pattern.kind == Word::Kind::Atom) return true;
      if (word.kind == Word::Kind::List || (pattern.kind == Word::Kind::Nil) != (word.kind == Word::Kind::Nil))
        return false;
      return text_matches(pattern.text, word.text, variables_, prefix);
    }
    if (word.kind != Word::Kind::List) return false;
    std::span<const Word> rest(pattern.list);
    const auto rule = take_directives(rest).value_or(usual_rule(depth, index, before));
    return rule.ordered ? sequence(rest, word.list, depth + 1) : in_any_order(rest, word.list, rule, depth + 1);
  }

  bool in_any_order(std::span<const Word> pattern, std::span<const Word> words, const ListRule& rule,
                    std::size_t depth) {
    if (words.size() % rule.chain != 0 || pattern.size() % rule.chain != 0) return false;
    std::vector<bool> met(words.size());
    for (std::size_t i = 0; i < pattern.size(); i += rule.chain) {
      bool found = false;
      for (std::size_t j = 0; j < words.size() && !found; j += rule.chain) {
        auto before = variables_;
        found = sequence(pattern.subspan(i, rule.chain), words.subspan(j, rule.chain), depth);
        if (found)
          met[j] = true;
        else
          variables_ = std::move(before);
      }
      if (!found) return false;
    }
    for (std::size_t j = 0; j < words.size(); j += rule.chain)
      if (!met[j] && (is_one_of(words[j], rule.banned) || (!rule.extra && !is_one_of(words[j], rule.ignored))))
        return false;
    return true;
  }

  Variables& variables_;
  bool prefix_;
  std::string name_;
};

}  // namespace

Words split_words(std::string_view line) { return Splitter(line).words(false); }

std::string to_string(const Words& words) {
  std::string out;
  for (const auto& word : words) {
    if (!out.empty()) out += ' ';
    if (word.kind == Word::Kind::List)
      out += "(" + to_string(word.list) + ")";
    else
      out += word.kind == Word::Kind::Text ? "\"" + word.text + "\"" : word.text;
  }
  return out;
}

std::string expand(std::string_view text, const Variables& variables) {
  std::string out;
  while (!text.empty()) {
    const auto plain = text.substr(0, text.find('$'));
    out += plain;
    text.remove_prefix(plain.size());
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const auto name = take_name(text);
    const auto known = variables.find(name);
    if (known == variables.end()) throw std::runtime_error("$" + name + " has no value");
    out += known->second;
  }
  return out;
}

bool matches(const Words& pattern, const Words& reply, Variables& variables, bool prefix) {
  auto tried = variables;
  if (!Matcher(tried, prefix).reply(pattern, reply)) return false;
  variables = std::move(tried);
  return true;
}

}  // namespace tests
