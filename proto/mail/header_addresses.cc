// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Addresses (RFC 5322 section 3.4). What is missing or broken is said in the address, in Dovecot's words, so that a
// client can show that there was something. After a fault that is not followed by a comma the rest of the list is left
// out: nobody can tell what belongs together there.
#include "proto/mail/header.h"
#include "proto/mail/header_tokens.h"

namespace mail {

namespace {

using Ahead = HeaderTokens::Ahead;

class AddressParser {
 public:
  explicit AddressParser(std::string_view value) : tokens_(value) {}

  // address-list = address *("," address)
  imap::AddressList parse() {
    for (auto ahead = tokens_.skip_space(); ahead == Ahead::More;) {
      if (address() == Ahead::End || !tokens_.sees(',')) break;
      tokens_.advance();
      ahead = tokens_.skip_space();
      if (ahead == Ahead::Bad) add_filled();
    }
    return std::move(out_);
  }

 private:
  Ahead address() {
    const auto start = tokens_.position();
    if (const auto after = group()) return *after;
    tokens_.go_to(start);
    return mailbox();
  }

  // group = display-name ":" [mailbox-list] ";"; nullopt: it is none
  std::optional<Ahead> group() {
    std::string name;
    if (tokens_.phrase(name) != Ahead::More || !tokens_.sees(':')) return std::nullopt;
    tokens_.advance();
    auto ahead = tokens_.skip_space();
    out_.push_back({std::nullopt, std::nullopt, std::move(name), std::nullopt});
    if (ahead == Ahead::More && !tokens_.sees(';')) {
      for (;;) {
        mailbox();
        if (!tokens_.sees(',')) break;
        tokens_.advance();
        ahead = tokens_.skip_space();
        if (ahead == Ahead::More) continue;
        ahead = Ahead::Bad;
        break;
      }
    }
    if (ahead != Ahead::Bad && tokens_.sees(';')) {
      tokens_.advance();
      ahead = tokens_.skip_space();
    } else {
      ahead = Ahead::Bad;
    }
    out_.push_back({});
    return ahead == Ahead::End ? Ahead::End : Ahead::More;
  }

  // mailbox = name-addr / addr-spec
  Ahead mailbox() {
    const auto start = tokens_.position();
    now_ = {};
    std::string name;
    auto after = Ahead::Bad;
    if (tokens_.phrase(name) == Ahead::More && tokens_.sees('<')) {
      if (!name.empty()) now_.name = std::move(name);
      if (angle_address() == Ahead::Bad) now_.host = "SYNTAX_ERROR";
      after = tokens_.end() ? Ahead::End : Ahead::More;
    } else {
      tokens_.go_to(start);
      after = address_spec();
    }
    add_filled();
    return after;
  }

  // addr-spec = local-part "@" domain. The comment behind it is the name; words that are no address are a name as well.
  Ahead address_spec() {
    tokens_.comment.clear();
    const bool quoted = tokens_.sees('"');
    std::string text;
    auto after = tokens_.local_part(text);
    if (after != Ahead::Bad) now_.mailbox = text;
    const bool whole = after == Ahead::More;
    const bool has_domain = after != Ahead::End && tokens_.sees('@');
    bool good = whole;
    if (has_domain) {
      const auto behind = read_domain();
      if (behind != Ahead::More) after = behind;
    }
    if (!tokens_.comment.empty()) {
      now_.name = tokens_.comment;
    } else if (!has_domain) {
      good = false;
      text += ' ';
      const auto before = text.size();
      tokens_.phrase(text);
      if (text.size() != before) {
        now_.mailbox.reset();
        now_.name = std::move(text);
      } else if (!quoted) {
        now_.host = "";
      }
      after = Ahead::Bad;
    }
    if (!good && !now_.name && now_.mailbox && !now_.host) std::swap(now_.name, now_.mailbox);
    return after;
  }

  // angle-addr = "<" [route ":"] addr-spec ">"
  Ahead angle_address() {
    tokens_.advance();
    if (tokens_.skip_space() != Ahead::More) return Ahead::Bad;
    if (tokens_.sees('@')) {
      if (route() && tokens_.sees(':')) {
        tokens_.advance();
      } else {
        now_.adl = "INVALID_ROUTE";
        if (tokens_.end()) return Ahead::Bad;
      }
      if (tokens_.skip_space() != Ahead::More) return Ahead::Bad;
    }
    if (!tokens_.sees('>')) {
      std::string text;
      const auto after = tokens_.local_part(text);
      if (after != Ahead::Bad) now_.mailbox = std::move(text);
      if (after != Ahead::More) return Ahead::Bad;
      if (tokens_.sees('@') && read_domain() != Ahead::More) return Ahead::Bad;
    }
    if (!tokens_.sees('>')) return Ahead::Bad;
    tokens_.advance();
    return tokens_.skip_space();
  }

  // obs-domain-list = "@" domain *(*(CFWS / ",") [CFWS] "@" domain)
  bool route() {
    std::string text;
    for (;;) {
      if (tokens_.end()) return false;
      if (!tokens_.sees('@')) break;
      text += text.empty() ? "@" : ",@";
      if (tokens_.domain(text) != Ahead::More) return false;
      while (tokens_.skip_space() == Ahead::More && tokens_.sees(',')) tokens_.advance();
    }
    now_.adl = std::move(text);
    return true;
  }

  Ahead read_domain() {
    std::string text;
    const auto after = tokens_.domain(text);
    if (after != Ahead::Bad) now_.host = std::move(text);
    return after;
  }

  void add_filled() {
    if (!now_.mailbox) now_.mailbox = "MISSING_MAILBOX";
    if (!now_.host || now_.host->empty()) now_.host = "MISSING_DOMAIN";
    out_.push_back(std::move(now_));
    now_ = {};
  }

  HeaderTokens tokens_;
  imap::AddressList out_;
  imap::Address now_;
};

// A phrase or a local part, quoted where it must be. Encoded words cannot be quoted, and stay.
void append_words(std::string& out, std::string_view text, bool dots_are_plain) {
  bool plain = !text.empty();
  for (const char c : text) plain = plain && (is_atext(c) || (dots_are_plain && c == '.'));
  if (plain) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  out += '"';
}

void append_phrase(std::string& out, std::string_view text) {
  if (text.find("=?") != std::string_view::npos)
    out += text;
  else
    append_words(out, text, false);
}

void append_address(std::string& out, const imap::Address& address) {
  if (address.name && !address.name->empty()) {
    append_phrase(out, *address.name);
    out += ' ';
  }
  out += '<';
  if (address.adl) out += *address.adl + ":";
  append_words(out, *address.mailbox, true);
  out += '@' + *address.host + '>';
}

}  // namespace

imap::AddressList parse_addresses(std::string_view value) { return AddressParser(value).parse(); }

std::string print_addresses(const imap::AddressList& addresses) {
  std::string out;
  bool first = true;
  for (const auto& address : addresses) {
    if (!address.host && !address.mailbox) {  // a group ends
      if (out.ends_with(' ')) out.pop_back();
      out += ';';
      first = false;
      continue;
    }
    if (!first) out += ", ";
    first = !address.host;
    if (address.host) {
      append_address(out, address);
    } else {
      append_phrase(out, *address.mailbox);
      out += ": ";
    }
  }
  return out;
}

}  // namespace mail
