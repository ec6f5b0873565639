// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

TEST(Authenticate, both_ways) {
  expect_both_ways("AUTHENTICATE PLAIN", AuthenticateCommand{"PLAIN", std::nullopt});
  expect_both_ways("authenticate plain", AuthenticateCommand{"PLAIN", std::nullopt}, "AUTHENTICATE PLAIN");
  expect_both_ways("AUTHENTICATE PLAIN =", AuthenticateCommand{"PLAIN", ""});
  expect_both_ways("AUTHENTICATE PLAIN AGEAYg==", AuthenticateCommand{"PLAIN", std::string("\0a\0b", 4)});
  expect_both_ways("AUTHENTICATE SCRAM-SHA-256 bixhYmM=", AuthenticateCommand{"SCRAM-SHA-256", "n,abc"});
  expect_both_ways("AUTHENTICATE PLAIN ", AuthenticateCommand{"PLAIN", std::nullopt}, "AUTHENTICATE PLAIN");
}

TEST(Authenticate, malformed) {
  expect_malformed({"AUTHENTICATE", "AUTHENTICATE ", "AUTHENTICATE \"PLAIN\"", "AUTHENTICATE PLAIN ==",
                    "AUTHENTICATE PLAIN AGEAYg", "AUTHENTICATE PLAIN AGEA=g==", "AUTHENTICATE PLAIN AGEAYg== x",
                    "AUTHENTICATE PLAIN !!!!", "AUTHENTICATE PLAIN A==="});
}

TEST(Login, both_ways) {
  expect_both_ways("LOGIN joe secret", LoginCommand{"joe", base::Secret("secret")});
  expect_both_ways("LOGIN \"joe\" \"sec ret\"", LoginCommand{"joe", base::Secret("sec ret")}, "LOGIN joe \"sec ret\"");
  expect_both_ways("LOGIN joe \"a\\\\\\\"{2}\"", LoginCommand{"joe", base::Secret("a\\\"{2}")});
  expect_both_ways("LOGIN {3}\r\njoe {6+}\r\nsecret", LoginCommand{"joe", base::Secret("secret")}, "LOGIN joe secret");
  expect_both_ways("LOGIN joe {2+}\r\n\xc3\xa4", LoginCommand{"joe", base::Secret("\xc3\xa4")});
  expect_both_ways("LOGIN joe \"\"", LoginCommand{"joe", base::Secret("")});
  expect_both_ways("LOGIN joe \"NIL\"", LoginCommand{"joe", base::Secret("NIL")});
  expect_both_ways("LOGIN joe NIL", LoginCommand{"joe", base::Secret("NIL")}, "LOGIN joe \"NIL\"");
}

TEST(Login, malformed_and_silent_about_the_password) {
  expect_malformed({"LOGIN", "LOGIN joe", "LOGIN joe ", "LOGIN joe secret again", "LOGIN joe \"sec",
                    "LOGIN joe \"a\\b\"", "LOGIN joe (secret)", "LOGIN joe sec\"ret",
                    "LOGIN joe {99999999999999999999x}"});
  for (const std::string_view text :
       {"a LOGIN joe \"s3cret", "a LOGIN joe s3cret s3cret", "a LOGIN s3cret(", "a s3cret x"}) {
    const auto parsed = parse_command(tests::frame_of(text));
    const auto& malformed = std::get<MalformedCommand>(parsed);
    EXPECT_EQ(malformed.text.find("s3cret"), std::string::npos) << malformed.text;
  }
}

}  // namespace
