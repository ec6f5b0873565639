// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/owner.h"

#include <signal.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include "proto/transport/fd_stream.h"
#include "proto/transport/listen.h"
#include "proto/transport/tls_stream.h"
#include "server/daemon/entrances.h"
#include "server/daemon/held_alerts.h"
#include "server/daemon/systemd.h"
#include "server/session.h"
#include "store/spool.h"
#include "sync/engine/command_link.h"
#include "sync/engine/engine.h"

namespace server {

namespace {

// One whose coroutines that never ended can be ended while what they refer to is still there.
class Loop : public asio::io_context {
 public:
  using asio::execution_context::shutdown;  // nothing runs afterwards
  using asio::io_context::io_context;
};

constexpr auto kPatience = std::chrono::milliseconds(900);  // for sessions to say BYE

class OwnerImpl final : public Owner {
 public:
  explicit OwnerImpl(const Options& options)
      : options_(options), signals_(io_, SIGTERM, SIGINT), idle_(io_), patience_(io_), workers_(8) {}

  base::Result<void> start() {
    auto entrances = read_entrances(options_);
    if (!entrances) return std::unexpected(entrances.error());
    entrances_ = std::move(*entrances);
    store::StoreOptions store_options;
    store_options.log = log_;
    store_options.patience = kPatience / 3;
    store_options.on_corrupt_index = [this] {
      asio::post(io_, [this] { stop("imapd starts anew: its index is damaged"); });
    };
    auto store = store::MailStore::open(options_.store, store_options);
    if (!store) return std::unexpected(store.error());
    store_ = std::move(*store);
    engine_ = std::make_unique<mirror::Engine>(io_.get_executor(), store_.get(), log_);
    engine_->on_held = [this](const auto& account, const auto& held) { put_alerts(alerts_, account, held); };
    engine_->on_quiet = [this] { leave_when_unused(); };
    listen_for_requests();
    for (const auto& address : entrances_.addresses) listen(address);
    // Unix sockets, of this user.
    for (auto& socket : take_systemd_sockets())
      add_acceptor(std::move(socket), [this](base::FileDescriptor client) {
        on_client(std::move(client), ListenAddress::Kind::Unix, true);
      });
    signals_.async_wait([this](asio::error_code error, int) {
      if (!error) stop("imapd is shutting down");
    });
    watch_idleness();
    if (!options_.owner) start_sync();
    return {};
  }

  // The first client brings it up: an owner that serves a command of postern's alone does only what it was asked for.
  void start_sync() {
    if (options_.synchronise) engine_->start(options_.config);
  }

  void run() override {
    io_.run();
    workers_.join();
    io_.shutdown();
    acceptors_.clear();
    // Before the store's lock is given up: the file may be the next owner's from then on.
    ::unlink(control_path_.c_str());
  }

 private:
  void listen_for_requests() {
    control_path_ = store::control_socket_path(options_.store);
    base::make_directories(control_path_.parent_path());
    add_acceptor(transport::listen_unix(control_path_), [this](base::FileDescriptor socket) {
      mirror::await_request(io_.get_executor(), std::move(socket),
                            [this](auto from, auto request) { on_request(std::move(from), std::move(request)); });
    });
  }

  void add_acceptor(base::FileDescriptor socket, std::function<void(base::FileDescriptor)> f) {
    acceptors_.push_back(std::make_unique<transport::Acceptor>(io_.get_executor(), std::move(socket), std::move(f)));
  }

  void listen(const ListenAddress& address) {
    using Kind = ListenAddress::Kind;
    const auto kind = address.kind;
    auto socket =
        kind == Kind::Unix ? transport::listen_unix(address.path) : transport::listen_tcp(address.host, address.port);
    const auto where = kind == Kind::Unix ? address.path : transport::local_address(socket.get());
    const char* const name = kind == Kind::Unix ? "unix:" : kind == Kind::Tcp ? "tcp:" : "tls:";
    log_.info("listening", {{"address", name + where}});
    const bool loopback = kind == Kind::Unix || transport::is_loopback(address.host);
    add_acceptor(std::move(socket),
                 [this, kind, loopback](base::FileDescriptor client) { on_client(std::move(client), kind, loopback); });
  }

  SessionContext context() {
    SessionContext out;
    out.store = store_.get();
    out.workers = &workers_;
    out.stop = &stop_;
    out.alerts = &alerts_;
    out.log = log_.with({"session", ++last_session_});
    if (options_.synchronise) out.alert = engine_->trouble_with(options_.config).value_or("");
    out.limits.frames.literal = options_.literal_limit;
    out.limits.frames.spool = store::spool_in_store(options_.store);
    return out;
  }

  void on_client(base::FileDescriptor client, ListenAddress::Kind kind, bool loopback) {
    auto session = context();
    if (kind == ListenAddress::Kind::Unix) {
      if (!store::is_same_user(client.get())) return;
    } else {
      session.authenticator = entrances_.passwords.get();
      const auto address = transport::peer_address(client.get());
      session.log = session.log.with({"address", address});
      session.visit = gate_.enter(address);
    }
    auto stream = transport::make_socket_stream(io_.get_executor(), std::move(client));
    if (kind == ListenAddress::Kind::Tls) {
      session.tls_active = true;
      stream = transport::make_tls_server(std::move(stream), entrances_.identity);
    } else if (kind == ListenAddress::Kind::Tcp) {
      session.login_disabled = !loopback;
      if (entrances_.identity)
        session.start_tls = [identity = entrances_.identity](std::unique_ptr<transport::Stream> below) {
          return transport::make_tls_server(std::move(below), identity);
        };
    }
    ++sessions_;
    asio::co_spawn(io_, serve(std::move(session), std::move(stream)),
                   [this](std::exception_ptr fault) { ended(fault); });
  }

  // The connection is kept until the session or the command ends; its end ends them.
  void on_request(base::FileDescriptor socket, store::Request request) {
    if (request.verb == "QUIT") {
      stop("imapd gives way to another version");
      return;
    }
    const bool for_session = request.verb == "STDIO" && request.descriptors.size() == 2;
    if ((!for_session && !mirror::is_for_command(request)) || stop_.requested()) return;
    if (!mirror::take_request(socket.get(), request)) return;
    if (for_session)
      serve_tunnel(std::move(socket), std::move(request.descriptors));
    else
      run_command(std::move(socket), std::move(request.words));
  }

  void run_command(base::FileDescriptor socket, std::vector<std::string> words) {
    ++sessions_;
    asio::co_spawn(io_, mirror::run_for(*engine_, io_.get_executor(), std::move(socket), std::move(words)),
                   [this](std::exception_ptr fault) { ended(fault); });
  }

  void serve_tunnel(base::FileDescriptor socket, std::vector<base::FileDescriptor> descriptors) {
    start_sync();
    struct Tunnel {
      asio::posix::stream_descriptor control;
      StopSignal stop;
    };
    auto tunnel = std::make_shared<Tunnel>(Tunnel{asio::posix::stream_descriptor(io_, socket.release()), {}});
    auto session = context();
    session.stop = &tunnel->stop;
    session.limits.times_out_in_idle = false;
    session.limits.idle_timeout = std::chrono::seconds(0);
    const auto all = stop_.on_request([this, weak = std::weak_ptr(tunnel)] {
      if (const auto t = weak.lock()) t->stop.request(stop_.text());
    });
    tunnel->control.async_wait(asio::posix::descriptor_base::wait_read,
                               [weak = std::weak_ptr(tunnel)](asio::error_code error) {
                                 if (const auto t = weak.lock(); t && !error) t->stop.request("the launcher has ended");
                               });
    auto stream = transport::make_fd_stream(io_.get_executor(), std::move(descriptors[0]), std::move(descriptors[1]));
    ++sessions_;
    asio::co_spawn(io_, serve(std::move(session), std::move(stream)),
                   [this, tunnel, all](std::exception_ptr fault) { ended(fault); });
  }

  void ended(const std::exception_ptr& fault) {
    --sessions_;
    try {
      if (fault) std::rethrow_exception(fault);
    } catch (const std::exception& error) {
      log_.error("a session failed", {{"why", error.what()}});
    }
    last_used_ = std::chrono::steady_clock::now();
    if (stop_.requested())
      leave_when_done();
    else
      leave_when_unused();
  }

  void leave_when_unused() {
    const bool is_used = sessions_ > 0 || engine_->has_hooks_running();
    if (options_.owner && !is_used && std::chrono::steady_clock::now() - last_used_ >= options_.idle_exit)
      stop(options_.idle_exit.count() == 0 ? "done" : "idle");
  }

  void leave_when_done() {
    if (sessions_ == 0 && sync_stopped_) io_.stop();
  }

  void watch_idleness() {
    if (!options_.owner) return;
    const std::chrono::milliseconds often = std::chrono::seconds(5);
    idle_.expires_after(
        options_.idle_exit.count() == 0 ? often : std::min<std::chrono::milliseconds>(often, options_.idle_exit));
    idle_.async_wait([this](asio::error_code error) {
      if (!error) leave_when_unused();
      if (!error && !stop_.requested()) watch_idleness();
    });
  }

  void stop(const std::string& why) {
    if (stop_.requested()) return;
    log_.info("stopping", {{"why", why}, {"sessions", sessions_}});
    notify_systemd("STOPPING=1");
    acceptors_.clear();
    idle_.cancel();
    stop_.request(why);
    engine_->stop([this] {
      sync_stopped_ = true;
      leave_when_done();
    });
    leave_when_done();
    patience_.expires_after(kPatience);
    patience_.async_wait([this](asio::error_code error) {
      if (!error) io_.stop();
    });
  }

  const Options& options_;
  base::Log log_;
  std::unique_ptr<store::MailStore> store_;  // outlives what coroutines that never ended still hold
  LoginGate gate_{LoginGate::Limits{}};
  Loop io_{1};
  asio::signal_set signals_;
  asio::steady_timer idle_, patience_;
  transport::WorkerPool workers_;
  StopSignal stop_;
  AlertBoard alerts_;
  std::unique_ptr<mirror::Engine> engine_;
  Entrances entrances_;
  std::vector<std::unique_ptr<transport::Acceptor>> acceptors_;
  std::filesystem::path control_path_;
  std::uint64_t last_session_ = 0;
  std::size_t sessions_ = 0;  // and commands
  bool sync_stopped_ = false;
  std::chrono::steady_clock::time_point last_used_ = std::chrono::steady_clock::now();
};

}  // namespace

base::Result<std::unique_ptr<Owner>> start_owner(const Options& options) {
  auto owner = std::make_unique<OwnerImpl>(options);
  if (const auto started = owner->start(); !started) return std::unexpected(started.error());
  return owner;
}

}  // namespace server
