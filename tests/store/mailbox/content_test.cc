// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a reader says of a message: sections, and that a damaged record of the index is no reason to say anything else.
#include <gtest/gtest.h>

#include "proto/message_data_text.h"
#include "proto/printer.h"
#include "store/mailbox/mailbox_impl.h"
#include "tests/support/temp_maildir.h"

namespace store {
namespace {

using Text = imap::Section::Text;

const std::string kMail =
    "Subject: out\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: in\r\nX: y\r\n--b\r\n\r\ntext\r\n--b--\r\n";

class Content : public testing::Test {
 protected:
  static StoreOptions quiet() {
    StoreOptions out;
    out.watch = out.sync_to_disk = false;
    return out;
  }
  Content() {
    NewMessage added;
    added.data = imap::Literal(kMail);
    uid_ = mailbox_->append(std::span(&added, 1))->at(0);
  }
  std::string section(const imap::Section& section) {
    const auto found = mailbox_->reader()->section(uid_, section);
    std::string out;
    found->octets.append_to(out, 0, found->octets.size());
    return out;
  }
  std::string said() {
    std::string out;
    imap::Printer printer(out);
    const auto reader = mailbox_->reader();
    imap::print_envelope(printer, *reader->envelope(uid_));
    imap::print_body(printer, *reader->body_structure(uid_), true);
    return out;
  }
  void damage(keys::ContentPart part, const std::string& record) {
    auto& mailbox = dynamic_cast<MailboxImpl&>(*mailbox_);
    const auto link = keys::decode_content_link(*mailbox.core().index->get(keys::content_link(mailbox.id(), uid_)));
    IndexBatch batch;
    batch.put(keys::content_part(part, link->number), record, Table::Content);
    mailbox.core().index->write(batch, false);
  }

  tests::TempDirectory directory_;
  std::unique_ptr<MailStore> store_ = std::move(*MailStore::open(directory_.path() / "Mail", quiet()));
  std::shared_ptr<Mailbox> mailbox_ = *store_->open_mailbox(imap::MailboxName::inbox());
  imap::Uid uid_;
};

TEST_F(Content, sections) {
  EXPECT_EQ(section({{}, Text::All, {}}), kMail);
  EXPECT_EQ(section({{2}, Text::All, {}}), "text");
  EXPECT_EQ(section({{1}, Text::Header, {}}), "Subject: in\r\nX: y");
  EXPECT_EQ(section({{1}, Text::HeaderFields, {"X"}}), "X: y\r\n\r\n") << "reads on to an empty line";
  EXPECT_EQ(section({{1}, Text::HeaderFieldsNot, {"X"}}), "Subject: in\r\n--b\r\n\r\n");
  EXPECT_EQ(section({{}, Text::HeaderFields, {"none"}}), "\r\n");
  EXPECT_EQ(section({{3}, Text::All, {}}), "");
  EXPECT_FALSE(mailbox_->reader()->section(uid_, {{3}, Text::All, {}})->exists);
}

// However long a header is, it is told whole, what stands behind it lies where it lay, and what it says of MIME is
// read.
TEST_F(Content, a_header_that_is_too_long_to_be_kept) {
  const std::string header = "Subject: long\r\nX-Long: " + std::string(ContentReader::kHeaderSeen, 'a') +
                             "\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n";
  NewMessage added;
  added.data = imap::Literal(header + "text\r\n");
  uid_ = mailbox_->append(std::span(&added, 1))->at(0);
  EXPECT_TRUE(section({{}, Text::Header, {}}) == header);
  EXPECT_EQ(section({{}, Text::Text, {}}), "text\r\n");
  EXPECT_EQ(section({{}, Text::HeaderFields, {"SUBJECT"}}), "Subject: long\r\n\r\n");
  const auto reader = mailbox_->reader();
  EXPECT_EQ(reader->envelope(uid_)->subject, "long");
  EXPECT_EQ(reader->body_structure(uid_)->subtype, "html");
}

TEST_F(Content, damaged_records_are_made_again) {
  const auto before = said();
  EXPECT_EQ(said(), before) << "from the records";
  for (const auto& record :
       {std::string(), std::string("x"), std::string("\3\xff\xff\xff\xff\xff", 6), std::string(200, '\3')}) {
    damage(keys::ContentPart::Envelope, record);
    damage(keys::ContentPart::Structure, record);
    EXPECT_EQ(said(), before);
    EXPECT_EQ(section({{2}, Text::All, {}}), "text");
  }
}

}  // namespace
}  // namespace store
