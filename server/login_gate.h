// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LoginGate: connections that have not logged in yet. They are few, in all and of each address: a new one ends the
// oldest of those that have said nothing, else the oldest, so that silent ones keep nobody out. Each wrong password
// makes the answer to the next one from the same address slower, over all its connections. The right password is never
// slowed down.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace server {

// Belongs to the io thread. Outlives its visits.
class LoginGate {
 public:
  struct Limits {
    std::size_t in_all = 128;
    std::size_t of_an_address = 32;
    std::size_t remembered = 10'000;  // addresses with wrong passwords
    std::chrono::milliseconds first_delay{2000}, longest_delay{15'000};
    std::chrono::seconds memory{600};  // how long a wrong password counts
  };

  // One connection, from its beginning until it has logged in or ended.
  class Visit {
   public:
    Visit(LoginGate& gate, std::string address) : gate_(gate), address_(std::move(address)) {}
    ~Visit() { leave(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    std::function<void()> on_eviction;           // ends the connection
    std::chrono::milliseconds wrong_password();  // how long its answer has to wait
    void spoke() { silent_ = false; }
    void logged_in();

   private:
    friend class LoginGate;
    void leave();
    LoginGate& gate_;
    std::string address_;
    std::list<Visit*>::iterator place_;
    bool inside_ = false, silent_ = true;
  };

  explicit LoginGate(Limits limits) : limits_(limits) {}
  std::shared_ptr<Visit> enter(const std::string& address);
  std::size_t inside() const { return visits_.size(); }

 private:
  struct Failures {
    unsigned count = 0;
    std::chrono::steady_clock::time_point last;
  };
  void evict_oldest(const std::string* address);
  void forget_old(std::chrono::steady_clock::time_point now);

  Limits limits_;
  std::list<Visit*> visits_;  // the oldest first
  std::map<std::string, std::size_t> count_;
  std::map<std::string, Failures> failures_;
};

}  // namespace server
