// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Config: every option, where it belongs, what it may be, and what is said of what is wrong.
#include "sync/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>

#include "sync/config/config_options.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

using mirror::Config;
using mirror::parse_config;
using mirror::ServerConfig;
using testing::ElementsAre;
using testing::HasSubstr;

Config good(const std::string& text) {
  auto out = parse_config(text, "/etc/file");
  EXPECT_TRUE(out.has_value()) << text << "\n" << (out ? "" : out.error().text);
  return out ? *out : Config();
}

std::string wrong(const std::string& text) {
  const auto out = parse_config(text, "/etc/file");
  EXPECT_FALSE(out.has_value()) << text;
  if (out) return {};
  EXPECT_EQ(out.error().reason, base::Reason::Configuration);
  return out.error().text;
}

TEST(Config, FiveLinesAreEnough) {
  ::setenv("HOME", "/users/joe", 1);
  const auto config =
      good("[remote]\ntype = imaps\nhost = imap.example.org\nusername = joe\npassword = a b;c#d=\"e\"\n");
  EXPECT_EQ(config.remote.type, ServerConfig::Type::Imaps);
  EXPECT_EQ(config.remote.port, "993");
  EXPECT_EQ(config.remote.host, "imap.example.org");
  EXPECT_EQ(config.remote.password.reveal(), "a b;c#d=\"e\"");
  EXPECT_TRUE(config.remote.verify);
  EXPECT_THAT(config.remote.auth, ElementsAre("PLAIN", "LOGIN"));
  EXPECT_EQ(config.local.type, ServerConfig::Type::Store);
  EXPECT_EQ(config.local.path, "/users/joe/Mail");
  EXPECT_EQ(config.database, "imap.example.org.db");
  EXPECT_TRUE(config.list_mailbox.empty());
  EXPECT_FALSE(config.only_subscribed);
}

TEST(Config, OfAWrongOneTheStoreIsKnownUnlessThatIsWrong) {
  using mirror::parse_store_of_wrong_config;
  ::setenv("HOME", "/users/joe", 1);
  const std::string local = "[local]\npath = /mail\n", remote = "[remote]\nhost = h\n";
  for (const std::string& known : std::vector<std::string>{
           local + remote + "usrname = joe\n", "intervall = 3\n" + local + remote, local + "no sense\n" + remote,
           local + "proxy = p\n", local, local + "[remoet]\nhost = h\n", "[remoet\nhost = h\n" + local,
           "[remote]\nproxy = p\n[local]\nproxy = p\npath = /mail\n", "\xef\xbb\xbf[locale]\nhost = h\n" + local})
    EXPECT_EQ(parse_store_of_wrong_config(known), "/mail") << known;
  EXPECT_EQ(parse_store_of_wrong_config("[remoet]\nhost = h\n"), "/users/joe/Mail");
  EXPECT_EQ(parse_store_of_wrong_config("usrname = joe\n"), "/users/joe/Mail");
  for (const std::string unknown :
       {"[local]\npaht = /mail\n", "[local]\npath = mail\n", "[local]\npath\n", "[locl]\npath = /mail\n",
        "[local\npath = /mail\n", "[local]\ntype = imap\nproxy = p\n", "[local]\ntype = stroe\n"})
    EXPECT_EQ(parse_store_of_wrong_config(unknown), std::nullopt) << unknown;
}

TEST(Config, HomeInFileNames) {
  ::setenv("HOME", "/users/joe", 1);
  const auto config =
      good("logfile = ~/log\n[local]\npath = ~/m\n[remote]\nhost = h\nSSL_CAfile = ~/ca.pem\nSSL_CApath = ~/ca\n");
  EXPECT_EQ(config.logfile, "/users/joe/log");
  EXPECT_EQ(config.local.path, "/users/joe/m");
  EXPECT_EQ(config.remote.ca_file, "/users/joe/ca.pem");
  EXPECT_EQ(config.remote.ca_path, "/users/joe/ca");
}

TEST(Config, EveryOptionOfInterImap) {
  const auto config = good(
      "\xef\xbb\xbf# a remark\n; another\r\n"
      "database = work.db\r\n"
      "list-mailbox = \"*\" INBOX\n"
      "list-select-opts = SUBSCRIBED\n"
      "ignore-mailbox = ^virtual(?:\\x00|$)\n"
      "logfile = /tmp/log\n"
      "\n"
      "[local]\n"
      "type = tunnel\n"
      "command = exec doveadm exec imap ; # no remark\n"
      "null-stderr = YES\n"
      "list-reference = Mail/\n"
      "[ remote ]\n"
      "type = imap\n"
      "host = [::1]\n"
      "port = 1143\n"
      "STARTTLS = NO\n"
      "auth = login plain\n"
      "username = joe\n"
      "password =  with spaces  \n"
      "compress = NO\n"
      "SSL_protocol_min = TLSv1.3\n"
      "SSL_cipherlist = DEFAULT:!SHA1\n"
      "SSL_fingerprint = sha256$29111aea5d54be7e844bd681aac31171846101eec50a73aae6ef685cf7b8be72\n"
      "SSL_verify = no\n"
      "SSL_CAfile = /ca.pem\n"
      "SSL_CApath = /ca\n"
      "SSL_hostname =\n");
  EXPECT_EQ(config.database, "work.db");
  EXPECT_THAT(config.list_mailbox, ElementsAre("*", "INBOX"));
  EXPECT_TRUE(config.only_subscribed);
  EXPECT_EQ(config.ignore_mailbox, "^virtual(?:\\x00|$)");
  EXPECT_EQ(config.logfile, "/tmp/log");
  EXPECT_EQ(config.local.type, ServerConfig::Type::Tunnel);
  EXPECT_EQ(config.local.command, "exec doveadm exec imap ; # no remark");
  EXPECT_TRUE(config.local.null_stderr);
  EXPECT_EQ(config.local.list_reference, "Mail/");
  const auto& remote = config.remote;
  EXPECT_EQ(remote.host, "::1");
  EXPECT_EQ(remote.port, "1143");
  EXPECT_FALSE(remote.start_tls);
  EXPECT_THAT(remote.auth, ElementsAre("LOGIN", "PLAIN"));
  EXPECT_EQ(remote.password.reveal(), "with spaces");
  EXPECT_EQ(remote.compress, std::optional<bool>(false));
  EXPECT_EQ(remote.protocol_min, "TLSv1.3");
  EXPECT_EQ(remote.ciphers, "DEFAULT:!SHA1");
  EXPECT_EQ(remote.fingerprints.size(), 1u);
  EXPECT_FALSE(remote.verify);
  EXPECT_EQ(remote.ca_file, "/ca.pem");
  EXPECT_EQ(remote.ca_path, "/ca");
  EXPECT_EQ(remote.tls_host_name, std::optional<std::string>(""));
}

TEST(Config, LogPrefix) {
  EXPECT_EQ(good("[remote]\n").log_prefix, std::nullopt);
  EXPECT_EQ(good("log-prefix = %?n?%n: ?\n[remote]\n").log_prefix, std::optional<std::string>("%?n?%n: ?"));
  EXPECT_THAT(wrong("log-prefix = %?n?%n: \n[remote]\n"), HasSubstr("line 1: log-prefix is wrong"));
}

TEST(Config, Proxies) {
  const auto proxy = [](const std::string& value) { return *good("[remote]\nproxy = " + value + "\n").remote.proxy; };
  EXPECT_EQ(proxy("socks5://h"), (mirror::Proxy{"h", "1080", "", base::Secret(), false}));
  EXPECT_EQ(proxy("socks5h://u:p%40:x@[::1]:9/"), (mirror::Proxy{"::1", "9", "u", base::Secret("p@:x"), true}));
  EXPECT_EQ(proxy("socks5h://u:p@w@h:socks"), (mirror::Proxy{"h", "1080", "u", base::Secret("p@w"), true}));
  for (const auto* bad :
       {"h", "http://h", "socks5://", "socks5://u@h", "socks5://:secret@h", "socks5://u:secret%4@h"}) {
    const auto why = wrong(std::string("[remote]\nproxy = ") + bad + "\n");
    EXPECT_THAT(why, HasSubstr("line 2: proxy is socks5://"));
    EXPECT_THAT(why, testing::Not(HasSubstr("secret")));
  }
  EXPECT_THAT(wrong("[remote]\nproxy = socks5://h:0\n"), HasSubstr("port"));
}

TEST(Config, PortsAndProtocols) {
  EXPECT_EQ(good("[remote]\nport = imaps\n").remote.port, "993");
  EXPECT_EQ(good("[remote]\nport = imap\n").remote.identity(), " at localhost port 143");
  const auto side = [](const std::string& lines) { return good("[remote]\n" + lines).remote; };
  EXPECT_EQ(side("SSL_protocols = !SSLv3 !TLSv1 !TLSv1.1\n").protocol_min, "");
  EXPECT_EQ(side("SSL_protocols = TLSv1.3\n").protocol_min, "TLSv1.3");
  EXPECT_EQ(side("SSL_protocols = TLSv1.1 TLSv1.2\n").protocol_max, "TLSv1.2");
  EXPECT_EQ(side("SSL_protocols = !TLSv1.2\n").protocol_min, "TLSv1.3");
  EXPECT_EQ(side("SSL_protocol_max = TLSv1.2\nSSL_ciphersuites = A:B\n").cipher_suites, "A:B");
  EXPECT_THAT(wrong("[remote]\nSSL_protocols = TLSv1\n"), HasSubstr("leaves none"));
  EXPECT_THAT(wrong("[remote]\nSSL_protocols = TLSv1.2 !TLSv1.2\n"), HasSubstr("leaves none"));
  EXPECT_THAT(wrong("[remote]\nSSL_protocols = TLSv2\n"), HasSubstr("knows no TLSv2"));
  EXPECT_THAT(wrong("[remote]\nSSL_protocol_max = TLSv1.2\nSSL_protocol_min = TLSv1.3\n"),
              HasSubstr("leave no protocol"));
  EXPECT_EQ(
      side("SSL_fingerprint = sha1$" + std::string(40, 'A') + " sha512$" + std::string(128, '0') + "\n").fingerprints,
      (std::vector<std::string>{"sha1$" + std::string(40, 'a'), "sha512$" + std::string(128, '0')}));
}

TEST(Config, SelectOptions) {
  const auto config = good("list-select-opts = SUBSCRIBED REMOTE RECURSIVEMATCH\n[remote]\n");
  EXPECT_TRUE(config.only_subscribed && config.with_parents);
  EXPECT_THAT(wrong("list-select-opts = RECURSIVEMATCH\n[remote]\n"), HasSubstr("wants SUBSCRIBED"));
}

TEST(Config, FaultsNameFileLineAndTheNearestOption) {
  const struct {
    const char *text, *line, *says;
  } rows[] = {
      {"[remote]\nusernam = joe\n", "/etc/file, line 2", "did you mean username?"},
      {"[remote]\nUSERNAME = joe\n", "line 2", "did you mean username?"},
      {"[remote]\n\n# x\nstarttls = NO\n", "line 4", "did you mean STARTTLS?"},
      {"[remote]\nSSL_verfy = NO\n", "line 2", "did you mean SSL_verify?"},
      {"databse = x\n[remote]\n", "line 1", "did you mean database?"},
      {"quite-something-else = x\n[remote]\n", "line 1", "there is no option quite-something-else"},
      {"host = x\n[remote]\n", "line 1", "belongs into a section"},
      {"[remote]\ndatabase = x\n", "line 2", "belongs before the first section"},
      {"[remot]\n", "line 1", "did you mean remote?"},
      {"[remote\n", "line 1", "[name]"},
      {"[remote]\nhost\n", "line 2", "OPTION = VALUE"},
      {"[remote]\nhost =\n", "line 2", "host is empty"},
      {"[remote]\ntype = imapss\n", "line 2", "did you mean imaps?"},
      {"[remote]\nport = 0\n", "line 2", "port"},
      {"[remote]\nport = 65536\n", "line 2", "port"},
      {"[remote]\nport = imapz\n", "line 2", "port"},
      {"[remote]\nSTARTTLS = perhaps\n", "line 2", "YES or NO"},
      {"[remote]\ncompress = 2\n", "line 2", "YES or NO"},
      {"[remote]\nauth = CRAM-MD5\n", "line 2", "CRAM-MD5"},
      {"[remote]\nauth =\n", "line 2", "auth"},
      {"[remote]\nSSL_protocol_min = SSLv3\n", "line 2", "TLSv1.2"},
      {"[remote]\nSSL_fingerprint = sha1$00\n", "line 2", "sha256"},
      {"[remote]\nlist-reference = &\n", "line 2", "modified UTF-7"},
      {"[remote]\npath = relative\n", "line 2", "path begins with"},
      {"list-mailbox = \"open\n[remote]\n", "line 1", "unclosed quote"},
      {"list-mailbox = \"\\q\"\n[remote]\n", "line 1", "escape"},
      {"ignore-mailbox = (\n[remote]\n", "line 1", "regular expression"},
      {"interval = soon\n[remote]\n", "line 1", "interval"},
      {"interval = 0\n[remote]\n", "line 1", "interval"},
      {"idle = INBOX,,lists\n[remote]\n", "line 1", "idle names mailboxes"},
      {"idle =\n[remote]\n", "line 1", "idle names mailboxes"},
      {"idle = 1,2,3,4,5,6,7,8,9\n[remote]\n", "line 1", "more than 8"},
      {"fuse = 20 messages\n[remote]\n", "line 1", "a fuse is a number of messages and a share"},
      {"fuse-here = 120%\n[remote]\n", "line 1", "a fuse is"},
      {"missing-wait = soon\n[remote]\n", "line 1", "missing-wait"},
      {"delete-mailboxes = maybe\n[remote]\n", "line 1", "delete-mailboxes is ask, yes or no"},
      {"keep-removed = ever\n[remote]\n", "line 1", "keep-removed is a number of days"},
      {"keep-removed-size = 5\n[remote]\n", "line 1", "keep-removed-size"},
      {"[remote]\npassword-timeout = 0\n", "line 2", "password-timeout"},
      {"list-select-opts = SUBSCRIBE\n[remote]\n", "line 1", "did you mean SUBSCRIBED?"},
  };
  for (const auto& row : rows) {
    const auto said = wrong(row.text);
    EXPECT_THAT(said, HasSubstr(row.line)) << row.text;
    EXPECT_THAT(said, HasSubstr(row.says)) << row.text;
  }
}

TEST(Config, WhatIsMissing) {
  EXPECT_THAT(wrong(""), HasSubstr("[remote]"));
  EXPECT_THAT(wrong("[local]\n"), HasSubstr("[remote]"));
  EXPECT_THAT(wrong("[remote]\ntype = tunnel\n"), HasSubstr("command"));
  EXPECT_THAT(wrong("[remote]\ntype = store\n"), HasSubstr("store"));
}

TEST(Config, APasswordIsNeverInAFault) {
  EXPECT_THAT(wrong("[remote]\npassword = open sesame\nhosst = x\n"), testing::Not(HasSubstr("sesame")));
  EXPECT_THAT(wrong("password = open sesame\n[remote]\n"), testing::Not(HasSubstr("sesame")));
  EXPECT_THAT(wrong("[remote]\npasword = open sesame\n"), testing::Not(HasSubstr("sesame")));
}

TEST(Config, IsFoundWhereInterImapLooks) {
  const TempDirectory directory;
  ::setenv("XDG_CONFIG_HOME", directory.path().c_str(), 1);
  EXPECT_EQ(mirror::find_config(""), std::nullopt);
  std::filesystem::create_directories(directory.path() / "interimap");
  write_file(directory.path() / "interimap" / "config", "[remote]\n");
  EXPECT_EQ(mirror::find_config(""), directory.path() / "interimap" / "config");
  std::filesystem::create_directories(directory.path() / "postern");
  write_file(directory.path() / "postern" / "config", "[remote]\n");
  EXPECT_EQ(mirror::find_config(""), directory.path() / "postern" / "config");
  EXPECT_EQ(mirror::find_config("/other"), "/other");
  ::unsetenv("XDG_CONFIG_HOME");
  const auto read = mirror::read_config(directory.path() / "none");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().text, HasSubstr("does not exist"));
}

TEST(Config, APasswordThatEverybodyMayRead) {
  const TempDirectory directory;
  const auto file = directory.path() / "config";
  const auto said = [&](const std::string& text, mode_t mode) {
    write_file(file, text);
    ::chmod(file.c_str(), mode);
    const auto config = mirror::read_config(file);
    EXPECT_TRUE(config);
    return config ? mirror::exposed_password(*config) : "";
  };
  const std::string text = "[remote]\nhost = a\nusername = b\n";
  EXPECT_THAT(said(text + "password = c\n", 0644), HasSubstr("chmod 600 " + file.string()));
  EXPECT_THAT(said(text + "password = c\n", 0604), HasSubstr("password"));
  EXPECT_EQ(said(text + "password = c\n", 0640), "");
  EXPECT_EQ(said(text + "password = c\n", 0600), "");
  EXPECT_EQ(said(text + "password-command = c\n", 0644), "");
}

TEST(Config, JournalOfTwoServersIsKeptApartFromInterImapsDatabase) {
  ::setenv("XDG_DATA_HOME", "/data", 1);
  Config config;
  config.database = "work.db";
  EXPECT_EQ(config.journal_file(), "/data/postern/work.db.postern");
  config.database = "/elsewhere/work.db";
  EXPECT_EQ(config.journal_file(), "/elsewhere/work.db.postern");
  ::unsetenv("XDG_DATA_HOME");
}

}  // namespace
}  // namespace tests
