// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Streams and stacks of them: much data, ends, failures at each step, certificates that must be refused.
#include <functional>
#include <random>

#include "tests/transport/stream_case.h"

namespace {

using testing::HasSubstr;
using tests::FailingStream;
using tests::read_exactly;
using tests::say;
using tests::StreamPair;
using transport::Stream;

struct StackName {
  const char* name;
  bool tls, deflate;
};

class StackTest : public tests::StreamCase, public testing::WithParamInterface<StackName> {
 protected:
  StreamPair stack(StreamPair below) {
    if (GetParam().tls) below = tls(std::move(below), trusting());
    if (GetParam().deflate) below = deflated(std::move(below));
    return below;
  }
};
INSTANTIATE_TEST_SUITE_P(Streams, StackTest,
                         testing::Values(StackName{"plain", false, false}, StackName{"tls", true, false},
                                         StackName{"deflate", false, true}, StackName{"deflate_over_tls", true, true}),
                         [](const auto& info) { return info.param.name; });

// Octets that compress a little, the same for writer and reader.
class Pattern {
 public:
  std::string next(std::size_t size) {
    std::string out(size, 0);
    for (auto& c : out) c = static_cast<char>(random_() & 0x3F);
    return out;
  }

 private:
  std::minstd_rand random_{7};
};

TEST_P(StackTest, CarriesFiftyMegabytesBothWaysAtOnce) {
  constexpr std::size_t kPiece = 100'000, kPieces = 250;  // each way
  auto ends = stack(plain());
  const auto send = [](Stream& stream) -> asio::awaitable<void> {
    Pattern pattern;
    for (std::size_t i = 0; i < kPieces; ++i) {
      const auto piece = pattern.next(kPiece);
      co_await stream.write(asio::buffer(piece));
      if (i % 10 == 9) co_await stream.flush();
    }
    co_await stream.flush();
  };
  const auto receive = [](Stream& stream, std::size_t& equal) -> asio::awaitable<void> {
    Pattern pattern;
    for (std::size_t i = 0; i < kPieces; ++i) {
      const auto piece = co_await read_exactly(stream, kPiece);
      if (piece == pattern.next(kPiece)) ++equal;
    }
  };
  std::size_t there = 0, back = 0;
  // A handshake is one side's reading and writing: it is over before both go at once.
  run([&]() -> asio::awaitable<void> {
    beside([&]() -> asio::awaitable<void> {
      const auto hello = co_await read_exactly(*ends.second, 2);
      co_await say(*ends.second, hello);
      beside([&]() -> asio::awaitable<void> { co_await send(*ends.second); });
      co_await receive(*ends.second, there);
    });
    co_await say(*ends.first, "hi");
    const auto hello = co_await read_exactly(*ends.first, 2);
    EXPECT_EQ(hello, "hi");
    beside([&]() -> asio::awaitable<void> { co_await send(*ends.first); });
    co_await receive(*ends.first, back);
  });
  EXPECT_EQ(there, kPieces);
  EXPECT_EQ(back, kPieces);
}

TEST_P(StackTest, APeerThatClosesIsAnEnd) {
  auto ends = stack(plain());
  beside([&]() -> asio::awaitable<void> {
    co_await say(*ends.second, "bye");
    ends.second->close();
    ends.second->close();
  });
  run([&]() -> asio::awaitable<void> {
    const auto bye = co_await read_exactly(*ends.first, 3);
    EXPECT_EQ(bye, "bye");
    char byte = 0;
    const auto n = co_await ends.first->read_some(asio::buffer(&byte, 1));
    EXPECT_EQ(n, 0u);
  });
}

TEST_P(StackTest, ClosingEndsAReadUnderWay) {
  auto ends = stack(plain());
  bool ended = false;
  run([&]() -> asio::awaitable<void> {
    beside([&]() -> asio::awaitable<void> { co_await read_exactly(*ends.second, 1); });
    beside([&]() -> asio::awaitable<void> {
      try {
        co_await say(*ends.first, "x");
        co_await read_exactly(*ends.first, 1);
      } catch (const std::exception&) {
        ended = true;
      }
    });
    for (int i = 0; i < 20; ++i) co_await asio::post(io, asio::use_awaitable);
    ends.first->close();
  });
  EXPECT_TRUE(ended);
}

// At whichever read or write the net fails: an exception, and nobody waits for ever.
TEST_P(StackTest, EachStepMayFail) {
  int failures = 0;
  for (int n = 1; n < 100; ++n) {
    auto below = plain();
    below.first = std::make_unique<FailingStream>(std::move(below.first), n);
    auto ends = stack(std::move(below));
    beside([&]() -> asio::awaitable<void> {
      try {
        for (int i = 0; i < 3; ++i) {
          const auto text = co_await read_exactly(*ends.second, 5);
          co_await say(*ends.second, text);
        }
      } catch (const std::exception&) {
        ends.second->close();
      }
    });
    try {
      run([&]() -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i) {
          co_await say(*ends.first, "hello");
          const auto text = co_await read_exactly(*ends.first, 5);
          EXPECT_EQ(text, "hello");
        }
      });
    } catch (const std::exception&) {
      ++failures;
      continue;
    }
    EXPECT_EQ(failures, n - 1);
    EXPECT_GE(failures, 6);
    return;
  }
  FAIL() << "never succeeded";
}

class TlsTest : public tests::StreamCase {
 protected:
  // What a handshake with these options says: "" for success.
  std::string handshake(const transport::TlsClientOptions& options) {
    auto below = plain();
    const auto client = transport::make_tls_client(std::move(below.first), options);
    const auto server = transport::make_tls_server(std::move(below.second), identity());
    beside([&]() -> asio::awaitable<void> {
      try {
        co_await server->handshake();
      } catch (const transport::TlsError&) {  // the client's refusal
      }
    });
    try {
      run([&]() -> asio::awaitable<void> { co_await client->handshake(); });
      return "";
    } catch (const transport::TlsError& error) {
      return error.what();
    }
  }
};

TEST_F(TlsTest, AcceptsWhatIsRight) {
  EXPECT_EQ(handshake(trusting()), "");
  auto by_address = trusting();
  by_address.host = "127.0.0.1";
  EXPECT_EQ(handshake(by_address), "");
  auto pinned = trusting();
  pinned.fingerprints = {"sha256$" + std::string(64, '0'), certificate().fingerprint};
  pinned.protocol_min = "TLSv1.3";
  EXPECT_EQ(handshake(pinned), "");
  auto unverified = trusting();
  unverified.verify = false;
  unverified.host = "elsewhere.example.org";
  unverified.ca_file.clear();
  EXPECT_EQ(handshake(unverified), "");
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
  wish.from = -7200;
  wish.until = -3600;
  EXPECT_THAT(handshake(trusting()), testing::AllOf(HasSubstr("localhost"), HasSubstr("expired")));
}

TEST_F(TlsTest, RefusesACertificateOfTomorrow) {
  wish.from = 3600;
  wish.until = 7200;
  EXPECT_THAT(handshake(trusting()), HasSubstr("not yet valid"));
}

TEST_F(TlsTest, RefusesAnotherHostsCertificate) {
  auto options = trusting();
  options.host = "mail.example.org";
  EXPECT_THAT(handshake(options), testing::AllOf(HasSubstr("mail.example.org"), HasSubstr("hostname mismatch")));
  options.host = "127.0.0.2";
  EXPECT_THAT(handshake(options), HasSubstr("IP address mismatch"));
}

TEST_F(TlsTest, VerifiesNoCertificateWithoutAName) {
  auto options = trusting();
  options.host = "";
  EXPECT_THROW(handshake(options), transport::TlsError);
}

TEST_F(TlsTest, RefusesASignatureThatNobodyKnows) {
  const tests::Certificate other(directory.path(), {.host = "other"});
  auto options = trusting();
  options.ca_file = other.file;
  EXPECT_THAT(handshake(options), HasSubstr("self-signed"));
}

TEST_F(TlsTest, RefusesAKeyThatIsNotThePinnedOne) {
  auto options = trusting();
  options.fingerprints = {"sha256$" + std::string(64, '0')};
  EXPECT_THAT(handshake(options),
              testing::AllOf(HasSubstr("not the pinned one"), HasSubstr(certificate().fingerprint)));
  options.verify = false;
  EXPECT_THAT(handshake(options), HasSubstr("not the pinned one"));
}

TEST_F(TlsTest, RefusesAPeerThatSpeaksNoTls) {
  auto below = plain();
  const auto client = transport::make_tls_client(std::move(below.first), trusting());
  beside([&]() -> asio::awaitable<void> { co_await say(*below.second, "* OK this is plain IMAP\r\n"); });
  EXPECT_THROW(run([&]() -> asio::awaitable<void> { co_await client->handshake(); }), transport::TlsError);
}

TEST_F(TlsTest, NamesFilesThatCannotBeUsed) {
  EXPECT_THROW(transport::TlsServerIdentity("/nowhere.crt", "/nowhere.key"), transport::TlsError);
  const tests::Certificate other(directory.path(), {.host = "other"});
  EXPECT_THROW(transport::TlsServerIdentity(certificate().file, other.key_file), transport::TlsError);
  auto options = trusting();
  options.ca_file = "/nowhere.crt";
  EXPECT_THROW(transport::make_tls_client(plain().first, options), transport::TlsError);
}

class DeflateTest : public tests::StreamCase {};

TEST_F(DeflateTest, RefusesWhatIsNotDeflated) {
  auto below = plain();
  const auto inflating = transport::make_deflate_stream(std::move(below.first));
  beside([&]() -> asio::awaitable<void> { co_await say(*below.second, "\xff\xff this is no deflate stream"); });
  EXPECT_ANY_THROW(run([&]() -> asio::awaitable<void> { co_await read_exactly(*inflating, 1); }));
}

}  // namespace
