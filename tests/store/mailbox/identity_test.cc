// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What identifies a message: its content's id, which copies and equal messages share, and whose records are made once.
#include <fcntl.h>
#include <sys/stat.h>

#include "proto/mail/digest.h"
#include "store/mailbox/mailbox_impl.h"
#include "tests/store/store_case.h"
#include "tests/support/golden.h"

namespace tests {
namespace {

namespace fs = std::filesystem;
namespace keys = store::keys;
using store::MailboxImpl;

const std::string kText = "Subject: a\r\n\r\nb\r\n";

class IdentityTest : public StoreCase {
 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(store_->create(imap::MailboxName("other")));
  }
  static std::string id_of(const std::string& wire) {
    mail::Sha256 digest;
    digest.add(wire);
    return digest.finish();
  }
  static std::string id(store::Mailbox& mailbox, imap::Uid uid) {
    return mailbox.reader()->content_id(uid).value_or("");
  }
  imap::Uid append_text(store::Mailbox& mailbox, const std::string& wire) {
    std::vector<store::NewMessage> messages;
    messages.push_back({imap::Literal(wire), {}, 1000});
    return mailbox.append(messages)->at(0);
  }
  static store::Index& index(store::Mailbox& mailbox) { return *dynamic_cast<MailboxImpl&>(mailbox).core().index; }
  static std::optional<keys::ContentLink> link(store::Mailbox& mailbox, imap::Uid uid) {
    const auto stored = index(mailbox).get(keys::content_link(dynamic_cast<MailboxImpl&>(mailbox).id(), uid));
    return stored ? keys::decode_content_link(*stored) : std::nullopt;
  }
  // The path of the only file.
  fs::path file(const std::string& name = "INBOX") { return directory(name) / maildir_files(directory(name)).at(0); }
  // As an editor does: the name stays, the time changes. It is not so young that the file counts as half written.
  static void rewrite(const fs::path& path, const std::string& text) {
    write_file(path, text);
    const timespec times[2] = {{2000, 0}, {2000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  void deliver_old(const std::string& name, const std::string& text) {
    rewrite(directory(name) / "new" / "1700000000.foreign.host", text);
    mailbox(name)->check();
  }
  static std::size_t count(store::Index& index, const std::string& prefix, store::Table table = store::Table::Rows) {
    std::size_t out = 0;
    const auto one_more = [&](std::string_view, std::string_view) { return ++out > 0; };
    index.scan(prefix, one_more, table);
    return out;
  }
};

TEST_F(IdentityTest, IsTheDigestOfWhatGoesOverTheWire) {
  const auto box = mailbox();
  EXPECT_EQ(hex(id(*box, append_text(*box, "abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (const auto& text :
       {kText, std::string("a\nb\n"), std::string("a\r\nb\n"), std::string("a\rb\r\n"), std::string()}) {
    const auto uid = append_text(*box, text);
    EXPECT_EQ(content_of(*box, uid), text);
    EXPECT_EQ(id(*box, uid), id_of(text)) << hex(text);
  }
  EXPECT_EQ(box->reader()->content_id(imap::Uid(4711)), std::nullopt);
}

TEST_F(IdentityTest, AFileWithLfAndOneWithCrLfAreTheSameMessage) {
  deliver_old("INBOX", "Subject: a\n\nb\n");
  deliver_old("other", kText);
  for (const auto* name : {"INBOX", "other"}) EXPECT_EQ(id(*mailbox(name), imap::Uid(1)), id_of(kText)) << name;
  EXPECT_EQ(link(*mailbox(), imap::Uid(1))->number, link(*mailbox("other"), imap::Uid(1))->number);
}

TEST_F(IdentityTest, IsKnownAtOnceOfWhatWasAppended) {
  const auto uid = append_text(*mailbox(), kText);
  fs::remove(file());  // nothing is read
  EXPECT_EQ(id(*mailbox(), uid), id_of(kText));
}

TEST_F(IdentityTest, ACopySharesAllThatIsKnown) {
  const auto box = mailbox(), other = mailbox("other");
  const auto uid = append_text(*box, kText);
  ASSERT_NE(box->reader()->envelope(uid), nullptr);
  ASSERT_NE(box->reader()->body_structure(uid), nullptr);
  ASSERT_TRUE(box->copy_to(imap::UidSet::of(uid), *other));
  ASSERT_TRUE(box->copy_to(imap::UidSet::of(uid), *box));
  ASSERT_TRUE(box->move_to(imap::UidSet::of(uid), *other));
  store_->drain_renames();
  for (const auto& path : {file(), file("other")}) fs::remove(path);
  fs::remove(file("other"));
  for (const auto& [at, copy] : {std::pair(box, 2u), std::pair(other, 1u), std::pair(other, 2u)}) {
    const auto reader = at->reader();
    EXPECT_EQ(reader->content_id(imap::Uid(copy)), id_of(kText));
    ASSERT_NE(reader->envelope(imap::Uid(copy)), nullptr);
    EXPECT_EQ(reader->envelope(imap::Uid(copy))->subject, "a");
    EXPECT_NE(reader->body_structure(imap::Uid(copy)), nullptr) << "read again";
  }
}

TEST_F(IdentityTest, EqualMessagesShareWhateverWayTheyCame) {
  const auto box = mailbox();
  const auto first = append_text(*box, kText), second = append_text(*box, kText);
  deliver_old("INBOX", "Subject: a\n\nb\n");
  EXPECT_EQ(link(*box, first)->number, link(*box, second)->number);
  EXPECT_EQ(link(*box, imap::Uid(3)), std::nullopt) << "nobody has needed it";
  EXPECT_NE(box->reader()->envelope(imap::Uid(3)), nullptr);
  EXPECT_NE(link(*box, imap::Uid(3))->number, link(*box, first)->number) << "only its header was read";
  EXPECT_NE(box->reader()->body_structure(imap::Uid(3)), nullptr);
  EXPECT_EQ(link(*box, imap::Uid(3))->number, link(*box, first)->number);
}

TEST_F(IdentityTest, WhoReadsTheWholeTextGivesTheContentItsId) {
  deliver_old("INBOX", "Subject: foreign\n\ntext\n");
  const auto box = mailbox();
  box->reader()->header(imap::Uid(1));
  const auto before = link(*box, imap::Uid(1));
  ASSERT_TRUE(before);
  box->reader()->body_structure(imap::Uid(1));
  EXPECT_EQ(link(*box, imap::Uid(1)), before) << "the header is not read again";
  fs::remove(file());
  EXPECT_EQ(id(*box, imap::Uid(1)), id_of("Subject: foreign\r\n\r\ntext\r\n"));
}

TEST_F(IdentityTest, SurvivesReopeningAndFlags) {
  const auto uid = append_text(*mailbox(), kText);
  mailbox()->change_flags(everything(), imap::FlagChange::Add, {imap::Flag::Seen});
  store_->drain_renames();
  const auto before = link(*mailbox(), uid);
  reopen();
  EXPECT_EQ(link(*mailbox(), uid), before);
  EXPECT_EQ(content_of(*mailbox(), uid), kText);
  EXPECT_EQ(link(*mailbox(), uid), before) << "the file is known to be the same";
  fs::remove(file());
  EXPECT_EQ(id(*mailbox(), uid), id_of(kText));
}

// Somebody edits a message in its file. What the index knows of the old text must not be told of the new one.
TEST_F(IdentityTest, AFileThatWasRewrittenIsAnotherMessage) {
  const auto box = mailbox(), other = mailbox("other");
  const auto uid = append_text(*box, kText);
  ASSERT_NE(box->reader()->envelope(uid), nullptr);
  append_text(*other, kText);
  rewrite(file(), "Subject: z\n\ny\n");
  const auto reader = box->reader();
  EXPECT_EQ(content_of(*box, uid), "Subject: z\r\n\r\ny\r\n");
  EXPECT_EQ(id(*box, uid), id_of("Subject: z\r\n\r\ny\r\n"));
  EXPECT_EQ(box->reader()->envelope(uid)->subject, "z");
  EXPECT_EQ(id(*other, imap::Uid(1)), id_of(kText));
}

// A backup that was put back has other inodes and times, and the same mail.
TEST_F(IdentityTest, AFileWithTheSameTextIsTheSameMessage) {
  const auto box = mailbox();
  const auto uid = append_text(*box, kText);
  const auto before = link(*box, uid)->number;
  const auto path = file();
  fs::remove(path);
  rewrite(path, "Subject: a\n\nb\n");
  EXPECT_EQ(content_of(*box, uid), kText);
  EXPECT_EQ(link(*box, uid)->number, before);
  EXPECT_EQ(link(*box, uid)->file.modified, 2'000'000'000'000);
}

TEST_F(IdentityTest, RecordsThatNobodyHasAreSwept) {
  const auto box = mailbox(), other = mailbox("other");
  append(*box, 40, {imap::Flag::Deleted});
  ASSERT_TRUE(box->copy_to(imap::UidSet::of(imap::Uid(7)), *other));
  for (const auto uid : box->uids()) box->reader()->envelope(uid);
  EXPECT_EQ(count(index(*box), "k"), 40u);
  ASSERT_TRUE(box->expunge({}));
  dynamic_cast<MailboxImpl&>(*box).core().contents->sweep();
  EXPECT_EQ(count(index(*box), "k"), 1u);
  EXPECT_EQ(count(index(*box), "i"), 1u);
  EXPECT_EQ(count(index(*box), "c"), 1u);
  EXPECT_EQ(count(index(*box), "E", store::Table::Content), 1u);
  EXPECT_EQ(id(*other, imap::Uid(1)), id_of(content_of(*other, imap::Uid(1))));
  ASSERT_TRUE(store_->remove(imap::MailboxName("other")));
  dynamic_cast<MailboxImpl&>(*box).core().contents->sweep();
  EXPECT_EQ(count(index(*box), "k"), 0u);
}

// Version 0.1 kept envelopes, header blocks and structures by mailbox and UID.
TEST_F(IdentityTest, RecordsOfVersion01AreErased) {
  const auto uid = append_text(*mailbox(), kText);
  store_.reset();
  {
    const auto opened = store::Index::open(root_.path() / ".postern" / "index", base::Log(), {});
    store::IndexBatch batch;
    for (const char kind : {'e', 'h', 's'})
      batch.put(std::string(1, kind) + "abcdefghijklmnop" + octets("00000001"), "old", store::Table::Content);
    opened->write(batch, false);
  }
  open();
  for (const auto* kind : {"e", "h", "s"}) EXPECT_EQ(count(index(*mailbox()), kind, store::Table::Content), 0u) << kind;
  EXPECT_EQ(id(*mailbox(), uid), id_of(kText)) << "made again";
}

}  // namespace
}  // namespace tests
