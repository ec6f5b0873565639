// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The parser walks the message's lines once; the open parts are a stack.
// 1. A line that begins with "--" and an open boundary ends every part up to that boundary's multipart, also in the
//    midst of a header. Of several boundaries that fit, the longest is meant. The line end before it belongs to it,
//    unless the part's text would have to begin before it.
// 2. Behind the boundary's line a new part begins; behind "--boundary--" the multipart's epilogue, up to an outer
//    boundary.
// 3. When a header's empty line comes, the header is read: a multipart's boundary is open from there, a message/rfc822
//    has one part, which begins there.
// Where mail is broken this follows what Dovecot does (docs/fidelity.md).
#include <algorithm>

#include "proto/flags.h"
#include "proto/mail/header.h"
#include "proto/mail/mime.h"
#include "proto/mail/part_fields.h"

namespace mail {

namespace {

constexpr std::size_t kDeepest = 100, kMostParts = 10'000;
constexpr std::size_t kLongestBoundary = 80;
constexpr std::size_t kBodyLineHead = 128;        // what is looked at of a line in a body
constexpr std::size_t kLongestHeader = 4u << 20;  // what is looked at of a header

bool is(std::string_view a, std::string_view b) { return imap::equal_ignoring_case(a, b); }

}  // namespace

class MimeParser::Implementation {
 public:
  Implementation() { open(0, false); }

  void give(std::string_view piece) {
    while (!piece.empty()) {
      const auto end = piece.find('\n');
      const auto chunk = piece.substr(0, end == std::string_view::npos ? end : end + 1);
      piece.remove_prefix(chunk.size());
      if (line_size_ == 0 && end != std::string_view::npos) {
        line(chunk, chunk.size(), chunk.ends_with("\r\n") ? 2 : 1);
        continue;
      }
      const auto room = (in_header_ ? kLongestHeader : kBodyLineHead) - std::min(line_.size(), kLongestHeader);
      if (in_header_ || line_.size() < kBodyLineHead) line_ += chunk.substr(0, room);
      line_size_ += chunk.size();
      const bool has_cr = chunk.size() > 1 ? chunk[chunk.size() - 2] == '\r' : after_cr_;
      after_cr_ = chunk.ends_with('\r');
      if (end != std::string_view::npos) end_line(has_cr ? 2 : 1);
    }
  }

  Part finish() {
    if (line_size_ > 0) end_line(0);
    if (in_header_) end_header({line_at_, lines_}, false);
    while (open_.size() > 1) close({line_at_, lines_});
    end_body(open_.back(), {line_at_, lines_});
    settle_plain(open_.back().part.data);
    return std::move(open_.back().part);
  }

 private:
  struct Position {
    std::uint64_t at = 0, lines = 0;  // octets and line ends before it
  };
  struct Open {
    Part part;
    std::uint64_t lines_at_body = 0;
    std::optional<std::string> boundary;  // of a multipart
    bool digest = false;
    bool in_multipart = false, in_message = false;  // what the parent is
    bool parent_is_digest = false;
  };
  struct Boundary {
    std::string text;
    std::size_t depth;  // of its multipart in open_
  };

  void end_line(unsigned line_end) {
    const auto text = std::move(line_);
    const auto size = line_size_;
    line_.clear();
    line_size_ = 0;
    after_cr_ = false;
    line(text, size, line_end);
  }

  // A line: its text may be shortened, its size and line end are true.
  void line(std::string_view text, std::uint64_t size, unsigned line_end) {
    const Position behind{line_at_ + size, lines_ + (line_end > 0 ? 1 : 0)};
    const auto* boundary = text.starts_with("--") && !boundaries_.empty() ? find_boundary(text, line_end) : nullptr;
    if (boundary) {
      const bool closes = text.substr(2 + boundary->text.size()).starts_with("--");
      end_parts(*boundary);
      end_boundary_line(*boundary, closes, behind, line_end);
    } else if (!in_header_) {
      first_of_body_ = false;
    } else if (text == "\r\n" || text == "\n") {
      end_header(behind, true);
    } else {
      keep_header_line(text);
    }
    line_at_ = behind.at;
    lines_ = behind.lines;
    line_end_ = line_end;
  }

  // Of a header only what is read later: the MIME fields, and of a message in a message all.
  void keep_header_line(std::string_view text) {
    const auto begins = [&](std::string_view name) { return is(text.substr(0, name.size()), name); };
    if (text[0] != ' ' && text[0] != '\t')
      kept_ = open_.back().in_message || begins("content-") || begins("mime-version");
    if (kept_ && header_.size() < kLongestHeader) header_ += text;
  }

  // The longest boundary that the line begins with, the innermost first; one that is the whole line is surely meant.
  const Boundary* find_boundary(std::string_view line, unsigned line_end) const {
    if (parts_ >= kMostParts) return nullptr;
    line.remove_prefix(2);
    auto rest = line.substr(0, line.size() - std::min<std::size_t>(line.size(), line_end));
    const bool dashes = rest.size() > 2 && rest.ends_with("--");
    const Boundary* best = nullptr;
    for (auto it = boundaries_.rbegin(); it != boundaries_.rend(); ++it) {
      if (!rest.starts_with(it->text) || (best && best->text.size() >= it->text.size())) continue;
      best = &*it;
      if (it->text.size() == rest.size() || (dashes && it->text.size() + 2 == rest.size())) break;
    }
    return best;
  }

  // Ends the parts within the boundary's multipart. The innermost may still be in its header, or just behind it: the
  // line end before the boundary is the boundary's then, not the header's.
  void end_parts(const Boundary& boundary) {
    Position end{line_at_, lines_};
    const bool begun = open_.back().part.header_at < line_at_;
    if (in_header_ && !begun && open_.back().in_message) {
      const auto header_end = shorten_header(open_[open_.size() - 2]);
      open_.back().part.header_at = header_end.at;
      end_header(header_end, false);
      close(header_end);
      close(header_end);
    } else if (in_header_) {
      const auto header_end = begun ? Position{end.at - line_end_, end.lines - 1} : end;
      const auto depth = open_.size();
      end_header(header_end, false);
      while (open_.size() >= depth) close(header_end);
    } else if (!first_of_body_) {
      end = {end.at - line_end_, end.lines - 1};
    } else if (boundary.depth + 1 < open_.size() && open_.back().part.body_at == line_at_) {
      close(shorten_header(open_.back()));
    }
    while (open_.size() > boundary.depth + 1) close(end);
  }

  Position shorten_header(Open& now) {
    now.part.header_size -= line_end_;
    now.part.body_at -= line_end_;
    now.lines_at_body -= 1;
    return {now.part.body_at, now.lines_at_body};
  }

  void end_boundary_line(const Boundary& boundary, bool closes, Position behind, unsigned line_end) {
    const auto depth = boundary.depth;
    while (!boundaries_.empty() && boundaries_.back().depth > depth) boundaries_.pop_back();
    if (closes) boundaries_.pop_back();
    in_header_ = false;
    first_of_body_ = true;
    if (line_end > 0 && !closes) open(behind.at, true);
  }

  void open(std::uint64_t at, bool in_multipart) {
    Open out;
    out.part.header_at = at;
    out.in_multipart = in_multipart;
    out.in_message = !in_multipart && !open_.empty();
    out.parent_is_digest = in_multipart && open_.back().digest;
    open_.push_back(std::move(out));
    ++parts_;
    header_.clear();
    kept_ = false;
    in_header_ = true;
  }

  void end_header(Position at, bool by_empty_line) {
    auto& now = open_.back();
    auto& part = now.part;
    part.header_size = at.at - part.header_at;
    part.body_at = at.at;
    now.lines_at_body = at.lines;
    read_header(now);
    if (now.in_message) {
      auto& message = open_[open_.size() - 2].part.data;
      message.envelope = std::make_unique<imap::Envelope>(parse_envelope(header_));
    }
    in_header_ = false;
    first_of_body_ = true;
    if (now.boundary && by_empty_line) boundaries_.push_back({std::move(*now.boundary), open_.size() - 1});
    if (!is(part.data.type, "message") || !is(part.data.subtype, "rfc822")) return;
    open(at.at, false);
    if (!by_empty_line) end_header(at, false);
  }

  void read_header(Open& now) {
    auto& data = now.part.data;
    const auto found = read_fields(header_, data);
    if (!found.mime && !now.in_multipart) data = {};
    if (!found.typed) {
      data.type = now.parent_is_digest ? "message" : "text";
      data.subtype = now.parent_is_digest ? "rfc822" : "plain";
    }
    settle_type(now);
    const bool has_charset = std::ranges::any_of(data.parameters, [](const auto& p) { return is(p.first, "charset"); });
    if (is(data.type, "text") && !has_charset) data.parameters.emplace_back("charset", "us-ascii");
  }

  // A multipart or message that cannot be opened is octets.
  void settle_type(Open& now) {
    auto& data = now.part.data;
    const bool multipart = is(data.type, "multipart");
    const bool message = is(data.type, "message") && is(data.subtype, "rfc822");
    if (!multipart && !message) return;
    const bool too_deep = open_.size() >= kDeepest;
    if (multipart && !data.subtype.empty()) {
      now.digest = is(data.subtype, "digest");
      const auto boundary =
          std::ranges::find_if(data.parameters, [](const auto& p) { return is(p.first, "boundary"); });
      if (boundary == data.parameters.end()) return;
      if (!too_deep) {
        now.boundary = boundary->second.substr(0, kLongestBoundary);
        return;
      }
    } else if (message && !too_deep && parts_ < kMostParts) {
      data.type = "message";
      data.subtype = "rfc822";
      return;
    }
    data.type = "application";
    data.subtype = "octet-stream";
  }

  void end_body(Open& now, Position at) {
    auto& part = now.part;
    part.body_size = at.at - part.body_at;
    part.data.size = part.body_size;
    part.data.lines = at.lines - now.lines_at_body;
  }

  void close(Position at) {
    end_body(open_.back(), at);
    auto part = std::move(open_.back().part);
    open_.pop_back();
    open_.back().part.children.push_back(std::move(part));
  }

  std::vector<Open> open_;
  std::vector<Boundary> boundaries_;
  std::size_t parts_ = 0;
  std::string line_;             // of a line that came in pieces, its beginning
  std::uint64_t line_size_ = 0;  // what came of it
  bool after_cr_ = false;
  std::uint64_t line_at_ = 0, lines_ = 0;
  unsigned line_end_ = 0;  // of the line before
  bool in_header_ = true;
  bool first_of_body_ = false;
  std::string header_;  // of the innermost part, what is kept of it
  bool kept_ = false;   // whether its field before is
};

MimeParser::MimeParser() : implementation_(std::make_unique<Implementation>()) {}
MimeParser::~MimeParser() = default;
void MimeParser::give(std::string_view piece) { implementation_->give(piece); }
Part MimeParser::finish() { return implementation_->finish(); }

Part parse_message(std::string_view message) {
  MimeParser parser;
  parser.give(message);
  return parser.finish();
}

}  // namespace mail
