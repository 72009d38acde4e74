// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace matting {
namespace {

// A bool that is neither 0 nor 1 must not be read as one.
bool has_valid_switches(const Message &message)
{
	bool valid = true;
	for_each_option([&](const auto &row) {
		if constexpr (std::is_same_v<std::decay_t<decltype(row)>, SwitchOption>) {
			unsigned char byte;
			std::memcpy(&byte, &(message.options.*row.field), 1);
			valid = valid && byte <= 1;
		}
	});
	return valid;
}

} // namespace

void require_message(const Message &message, size_t size)
{
	if (size < sizeof message.magic + sizeof message.version || message.magic != protocol_magic)
		throw Error("engine.other_protocol",
			    "the other side does not speak the protocol of background-matting");
	if (message.version != protocol_version)
		throw Error(
			"engine.other_version",
			"the other side speaks protocol version {}, this one version {}: plugin and program are from "
			"different releases, install both again",
			message.version, protocol_version);
	if (size != sizeof message || message.text[sizeof message.text - 1] != 0 || !has_valid_switches(message))
		throw Error("engine.damaged_message", "the other side sent a damaged message of {} bytes", size);
}

SharedMemory::SharedMemory(SharedMemory &&other) noexcept
	: handle_(std::exchange(other.handle_, -1)), data_(std::exchange(other.data_, nullptr)),
	  size_(std::exchange(other.size_, 0))
{
}

SharedMemory &SharedMemory::operator=(SharedMemory &&other) noexcept
{
	std::swap(handle_, other.handle_);
	std::swap(data_, other.data_);
	std::swap(size_, other.size_);
	return *this;
}

// A new page is cleared, and shown to the process, when it is touched for the first time.
void SharedMemory::touch_pages() const
{
	constexpr size_t page = 4096; // or larger
	for (size_t at = 0; at < size_; at += page)
		static_cast<volatile uint8_t *>(data_)[at] = 0;
}

Channel::~Channel()
{
	close_handle(socket_);
}

bool Message::set_text(std::string_view value)
{
	const size_t length = std::min(value.size(), sizeof text - 1);
	value.copy(text, length);
	std::memset(text + length, 0, sizeof text - length);
	return length == value.size();
}

} // namespace matting
