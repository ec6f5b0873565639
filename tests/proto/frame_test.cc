// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/frame.h"

#include <gtest/gtest.h>

#include <random>
#include <system_error>
#include <vector>

#include "proto/base/fail_point.h"

namespace {

using namespace imap;
using Next = Framer::Next;
using Side = Framer::Side;

std::string_view why(const Framer& framer) {
  switch (framer.refused()) {
    case Framer::Why::LongLine: return "line";
    case Framer::Why::BigLiteral: return "literal";
    case Framer::Why::NoSpace: return "space";
  }
  return "";
}

// All that a framer says to these octets, given in pieces that end at these offsets, one word an event.
class Transcript {
 public:
  Transcript(Side side, FramerLimits limits) : framer_(side, std::move(limits)) {}

  void give(std::string_view octets) {
    framer_.give(octets);
    while (true) {
      switch (framer_.next()) {
        case Next::NeedMore: return;
        case Next::SendContinue: said_ += "+\n"; break;
        case Next::Refused: said_ += std::string(why(framer_)) + " " + std::string(framer_.refused_tag()) + "\n"; break;
        case Next::Frame: {
          const auto frame = framer_.take_frame();
          said_ += "frame " + frame.text + "\n";
          for (const auto& [at, literal] : frame.spooled)
            said_ += "spooled " + std::to_string(at) + " " + literal.bytes() + "\n";
          break;
        }
      }
    }
  }
  const std::string& said() const { return said_; }
  Framer& framer() { return framer_; }

 private:
  Framer framer_;
  std::string said_;
};

FramerLimits small_limits() {
  FramerLimits out;
  out.line = 40;
  out.literal = 30;
  out.inline_literal = 10;
  out.spool = spool_in_files_without_name("/tmp");
  out.inline_total = 15;
  out.literals = 3;
  return out;
}

std::string whole(std::string_view octets, FramerLimits limits = {}, Side side = Side::Server) {
  Transcript transcript(side, std::move(limits));
  transcript.give(octets);
  return transcript.said();
}

TEST(Framer, lines) {
  EXPECT_EQ(whole("a NOOP\r\n"), "frame a NOOP\n");
  EXPECT_EQ(whole("a NOOP\nb NOOP\r\n\r\nc"), "frame a NOOP\nframe b NOOP\nframe \n");
  EXPECT_EQ(whole("a\rb\r\r\n"), "frame a\rb\r\n");
  EXPECT_EQ(whole(std::string_view("a\0b\r\n", 5)), std::string("frame a\0b\n", 10));
}

// However many digits: what follows is the literal's, and not commands.
TEST(Framer, literals_larger_than_any_number) {
  const std::string digits(25, '9');
  EXPECT_EQ(whole("a X {" + digits + "}\r\nb NOOP\r\n"), "literal a\nframe b NOOP\n");
  EXPECT_EQ(whole("a X {" + digits + "+}\r\nb NOOP\r\nc NOOP\r\n"), "");
}

TEST(Framer, literals) {
  EXPECT_EQ(whole("a LOGIN {3}\r\njoe {2+}\r\n\r\n\r\n"), "+\nframe a LOGIN {3}\r\njoe {2+}\r\n\r\n\n");
  EXPECT_EQ(whole("a APPEND x ~{2}\nab\n"), "+\nframe a APPEND x ~{2}\r\nab\n");
  EXPECT_EQ(whole("a X ({0}\r\n)\r\n"), "+\nframe a X ({0}\r\n)\n");
  EXPECT_EQ(whole("a X {0-}\r\n\r\n"), "frame a X {0-}\r\n\n");
}

TEST(Framer, what_is_no_literal) {
  for (const std::string line : {
           "a X {}",
           "a X {x}",
           "a X {1x}",
           "a X {-1}",
           "a X {1}x",
           "a X 1}",
           "a X {3}\"",
           "a X {1++}",
           "a X { 1}",
       })
    EXPECT_EQ(whole(line + "\r\n"), "frame " + line + "\n");
}

TEST(Framer, a_client_says_no_plus_and_knows_texts_for_people) {
  EXPECT_EQ(whole("* 1 FETCH (BODY[] {3}\r\nabc)\r\n", {}, Side::Client), "frame * 1 FETCH (BODY[] {3}\r\nabc)\n");
  for (const std::string line : {"* OK done {3}", "a1 no {3}", "* BAD {3}", "* BYE ({3}", "* PREAUTH {3}", "+ {3}"})
    EXPECT_EQ(whole(line + "\r\n", {}, Side::Client), "frame " + line + "\n");
  EXPECT_EQ(whole("* LIST () NIL {3}\r\nOK \r\n", {}, Side::Client), "frame * LIST () NIL {3}\r\nOK \n");
}

TEST(Framer, big_literals_are_spooled) {
  EXPECT_EQ(whole("a X {12+}\r\n0123456789ab {9+}\r\n012345678 {9+}\r\nabcdefghi\r\n", small_limits()),
            "frame a X {12+}\r\n {9+}\r\n012345678 {9+}\r\n\nspooled 11 0123456789ab\nspooled 34 abcdefghi\n");
}

TEST(Framer, long_lines_are_skipped) {
  const std::string forty(40 - 9, 'x');
  EXPECT_EQ(whole("a SELECT " + forty + "\r\n", small_limits()), "frame a SELECT " + forty + "\n");
  EXPECT_EQ(whole("a SELECT x" + forty + "\r\nb NOOP\r\n", small_limits()), "line a\nframe b NOOP\n");
  EXPECT_EQ(whole(std::string(1000, 'x') + "\r\nb NOOP\r\n", small_limits()), "line *\nframe b NOOP\n");
  EXPECT_EQ(whole("\x01\x02 " + std::string(100, 'x') + "\nb NOOP\r\n", small_limits()), "line *\nframe b NOOP\n");
  // What stands in its literals is no command; a synchronising one is not sent once the client has its answer.
  EXPECT_EQ(whole("a " + std::string(50, 'x') + " {9+}\r\nb NOOP\r\n \r\nc NOOP\r\n", small_limits()),
            "line a\nframe c NOOP\n");
  EXPECT_EQ(whole("a " + std::string(50, 'x') + " {9}\r\nb NOOP\r\n", small_limits()), "line a\nframe b NOOP\n");
  // The literals of a line do not count, what stands between them does.
  EXPECT_EQ(whole("a X {20+}\r\n01234567890123456789 " + std::string(29, 'y') + "\r\nb NOOP\r\n", small_limits()),
            "frame a X {20+}\r\n " + std::string(29, 'y') + "\nspooled 11 01234567890123456789\nframe b NOOP\n");
  EXPECT_EQ(whole("a X {20+}\r\n01234567890123456789 " + std::string(40, 'y') + "\r\nb NOOP\r\n", small_limits()),
            "line a\nframe b NOOP\n");
}

TEST(Framer, long_literals_are_refused) {
  EXPECT_EQ(whole("a X {31}\r\nb NOOP\r\n", small_limits()), "literal a\nframe b NOOP\n");
  EXPECT_EQ(whole("a X {31+}\r\n0123456789012345678901234567890 {2+}\r\n\r\n y\r\nb NOOP\r\n", small_limits()),
            "literal a\nframe b NOOP\n");
  EXPECT_EQ(whole("a X {1+}\r\nx {1+}\r\nx {1+}\r\nx {1+}\r\nx\r\nb NOOP\r\n", small_limits()),
            "literal a\nframe b NOOP\n");
  EXPECT_EQ(whole("a X {99999999999999999999}\r\nb NOOP\r\n"), "literal a\nframe b NOOP\n");
}

const std::vector<std::string>& conversations() {
  static const std::vector<std::string> out{
      "a NOOP\r\nb LOGIN {3}\r\njoe {6+}\r\nsecret\r\n\r\nc X\nd X {0+}\r\n\r\n",
      "a X {12+}\r\n0123456789ab {9+}\r\n\r\n\r\n\r\n\r\n\r {9+}\r\nabcdefghi\r\nb NOOP\r\n",
      "a " + std::string(60, 'x') + " {9+}\r\nb NOOP\r\n \r\nc NOOP\r\nd X {31}\r\ne NOOP\r\n",
      "a X {31+}\r\n0123456789012345678901234567890 {2+}\r\n\r\n y\r\nb X {1+}\r\nx {1+}\r\nx {1+}\r\nx {1}\r\nc N\r\n",
      "a X {20+}\r\n01234567890123456789 " + std::string(50, 'y') + "\r\n\nb X \"{2}\r\n{2}\r\n",
  };
  return out;
}

TEST(Framer, every_chunk_size_says_the_same) {
  for (const auto side : {Side::Server, Side::Client}) {
    for (const auto& octets : conversations()) {
      const auto expected = whole(octets, small_limits(), side);
      for (std::size_t chunk = 1; chunk <= octets.size(); ++chunk) {
        Transcript transcript(side, small_limits());
        for (std::size_t at = 0; at < octets.size(); at += chunk) transcript.give(octets.substr(at, chunk));
        ASSERT_EQ(transcript.said(), expected) << chunk;
        EXPECT_EQ(transcript.framer().buffered(), 0u);
      }
    }
  }
}

TEST(Framer, every_split_says_the_same) {
  for (const auto& octets : conversations()) {
    const auto expected = whole(octets, small_limits());
    for (std::size_t i = 0; i <= octets.size(); ++i) {
      for (std::size_t j = i; j <= octets.size(); ++j) {
        Transcript transcript(Side::Server, small_limits());
        transcript.give(std::string_view(octets).substr(0, i));
        transcript.give(std::string_view(octets).substr(i, j - i));
        transcript.give(std::string_view(octets).substr(j));
        ASSERT_EQ(transcript.said(), expected) << i << " " << j;
      }
    }
  }
}

TEST(Framer, random_octets_say_the_same_in_random_pieces) {
  std::mt19937 random(2);
  const std::vector<std::string> words{"a ", "X ", "{12+}", "{40}", "{40+}",         "\r\n",
                                       "\n", "\r", "(",     "~",    "yyyyyyyyyyyyyy"};
  for (int round = 0; round < 2000; ++round) {
    std::string octets;
    for (int i = 0; i < 40; ++i) octets += words[random() % words.size()];
    const auto side = round % 2 ? Side::Server : Side::Client;
    Transcript transcript(side, small_limits());
    for (std::size_t at = 0; at < octets.size();) {
      const auto n = 1 + random() % 30;
      transcript.give(std::string_view(octets).substr(at, n));
      at += n;
    }
    ASSERT_EQ(transcript.said(), whole(octets, small_limits(), side)) << octets;
  }
}

TEST(Framer, looking_ahead_and_the_rest) {
  Framer framer(Side::Server, {});
  framer.give("a NOOP\r\nb IDLE");
  EXPECT_TRUE(framer.has_complete_frame());
  EXPECT_TRUE(framer.has_complete_frame());
  EXPECT_GT(framer.buffered(), 0u);
  EXPECT_EQ(framer.next(), Next::Frame);
  EXPECT_EQ(framer.take_frame().text, "a NOOP");
  EXPECT_FALSE(framer.has_complete_frame());
  EXPECT_EQ(framer.buffered(), 6u);
  EXPECT_EQ(framer.take_rest(), "b IDLE");
  EXPECT_EQ(framer.buffered(), 0u);
  framer.give("c X {1}\r\n");
  EXPECT_FALSE(framer.has_complete_frame());
  EXPECT_EQ(framer.next(), Next::SendContinue);
  EXPECT_EQ(framer.next(), Next::NeedMore);
  EXPECT_GT(framer.buffered(), 0u);
}

// Many literals in one frame: neither deep recursion nor a file each.
TEST(Framer, as_many_literals_as_are_allowed) {
  FramerLimits limits;
  limits.inline_total = 100;
  std::string octets = "a APPEND x";
  for (std::size_t i = 0; i < limits.literals; ++i) octets += " {1+}\r\nx";
  Framer framer(Side::Server, limits);
  framer.give(octets + "\r\n" + octets + " {1+}\r\nx\r\n");
  ASSERT_EQ(framer.next(), Next::Frame);
  const auto frame = framer.take_frame();
  EXPECT_EQ(framer.next(), Next::Refused);
  EXPECT_EQ(framer.refused(), Framer::Why::BigLiteral);
  ASSERT_EQ(frame.spooled.size(), limits.literals - 100);
  for (const auto& spooled : frame.spooled) ASSERT_EQ(spooled.literal.bytes(), "x");
}

TEST(Framer, literals_have_a_limit_together) {
  auto limits = small_limits();
  limits.literals_total = 12;
  EXPECT_EQ(whole("a X {5+}\r\n12345 {7+}\r\n1234567\r\n", limits), "frame a X {5+}\r\n12345 {7+}\r\n1234567\n");
  EXPECT_EQ(whole("a X {5+}\r\n12345 {8+}\r\n12345678\r\nb\r\n", limits), "literal a\nframe b\n");
  EXPECT_EQ(whole("a X {5+}\r\n12345 {8}\r\nb {12}\r\n", limits), "literal a\n+\n");
}

// At whichever step the disk is full: the rest is skipped, and what follows is understood.
TEST(Framer, a_full_disk_refuses_the_command) {
  const std::string octets = "a X {20+}\r\n0123456789\r\nb NOOP\r\n {3+}\r\nxyz\r\nc NOOP\r\n";
  for (std::size_t piece = 1; piece < octets.size(); ++piece) {
    Transcript transcript(Side::Server, small_limits());
    base::FailPoint::arm(base::FailPoint::Mode::DiskFull, 1);
    for (std::size_t at = 0; at < octets.size(); at += piece) transcript.give(octets.substr(at, piece));
    base::FailPoint::disarm();
    ASSERT_EQ(transcript.said(), "space a\nframe c NOOP\n") << piece;
    transcript.give("d X {20+}\r\n01234567890123456789\r\n");
    ASSERT_EQ(transcript.said(), "space a\nframe c NOOP\nframe d X {20+}\r\n\nspooled 11 01234567890123456789\n");
  }
  Transcript client(Side::Client, small_limits());
  base::FailPoint::arm(base::FailPoint::Mode::DiskFull, 1);
  EXPECT_THROW(client.give("* X {20}\r\n0123"), std::system_error);
  base::FailPoint::disarm();
}

// A line or a literal of a server need not have an end: who reads it is told before.
TEST(Framer, a_client_is_told_at_once) {
  for (const std::string_view octets :
       {"* LIST () NIL 0123456789012345678901234567890", "* X {31}\r\n", "* X {9999999999}\r\n"}) {
    Framer framer(Side::Client, small_limits());
    framer.give(octets);
    EXPECT_EQ(framer.next(), Next::Refused) << octets;
  }
  auto limits = small_limits();
  limits.literals_total = 40;
  Framer framer(Side::Client, limits);
  framer.give("* X {30}\r\n012345678901234567890123456789 {20}\r\n");
  EXPECT_EQ(framer.next(), Next::Refused);
  EXPECT_EQ(framer.refused(), Framer::Why::BigLiteral);
}

// Skipped octets are not kept.
TEST(Framer, what_is_refused_takes_no_memory) {
  Framer framer(Side::Server, small_limits());
  const std::string piece(64 * 1024, 'x');
  framer.give("a X");
  for (int i = 0; i < 1000; ++i) {
    framer.give(piece);
    ASSERT_EQ(framer.next(), Next::NeedMore);
    ASSERT_LT(framer.buffered(), 100u);
  }
  framer.give("\r\n");
  EXPECT_EQ(framer.next(), Next::Refused);
}

TEST(Framer, a_line_may_be_longer_for_each_literal_in_it) {
  FramerLimits limits;
  std::string line = "a APPEND x";
  for (int i = 0; i < 3000; ++i) line += " (\\Seen) \"01-Jan-2020 00:00:00 +0000\" {1+}\r\nx";
  Framer framer(Framer::Side::Server, limits);
  framer.give(line + "\r\n");
  EXPECT_EQ(framer.next(), Framer::Next::Frame);
  Framer other(Framer::Side::Server, limits);
  other.give("a APPEND x {1+}\r\nx" + std::string(70'000, ' ') + "\r\n");
  EXPECT_EQ(other.next(), Framer::Next::Refused);
}

}  // namespace
