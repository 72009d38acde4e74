// SPDX-License-Identifier: GPL-2.0-or-later
#include "zip_directory.hpp"

#include "inference/error.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <string>
#include <string_view>

#include <zlib.h>

namespace matting {
namespace {

static_assert(std::endian::native == std::endian::little); // as the archives are

constexpr size_t max_preamble_bytes = 4096;
constexpr uintmax_t max_directory_bytes = 64 << 20;
constexpr uint32_t in_extra_field = 0xFFFFFFFF;

[[noreturn]] void throw_damaged()
{
	throw Error("engine.cut_off", "the file is damaged or cut off: save or download it again");
}

template<typename Number> Number number_at(std::string_view bytes, size_t position)
{
	Number number;
	if (position > bytes.size() || bytes.size() - position < sizeof number)
		throw_damaged();
	std::memcpy(&number, bytes.data() + position, sizeof number);
	return number;
}

std::string read_part(const InputFile &file, uintmax_t position, uintmax_t size)
{
	if (size > max_directory_bytes || position > file.size() || size > file.size() - position)
		throw_damaged();
	std::string part(size, '\0');
	part.resize(file.read(position, part.data(), part.size()));
	return part;
}

std::string read_directory(const InputFile &file)
{
	constexpr uintmax_t longest_end = 22 + 0xFFFF, locator = 20, long_end = 56;
	const uintmax_t length = std::min(file.size(), longest_end + locator), start = file.size() - length;
	const std::string tail = read_part(file, start, length);
	const size_t end = tail.rfind("PK\5\6");
	if (end == std::string::npos)
		throw_damaged();
	// Archives of LibTorch have the longer form, too, which then counts.
	if (end >= locator && std::string_view(tail).substr(end - locator).starts_with("PK\6\7")) {
		const std::string record = read_part(file, number_at<uint64_t>(tail, end - locator + 8), long_end);
		if (record.starts_with("PK\6\6"))
			return read_part(file, number_at<uint64_t>(record, 48), number_at<uint64_t>(record, 40));
	}
	return read_part(file, number_at<uint32_t>(tail, end + 16), number_at<uint32_t>(tail, end + 12));
}

/// Of a record.
struct Entry {
	std::string_view fixed, name, extra;

	uint64_t size() const { return number(24, 0); }
	/// Of its header in the archive. Of the numbers that are too large for their place, those before it are given in this order:
	/// two sizes.
	uint64_t position() const
	{
		const auto is_long = [&](size_t place) {
			return number_at<uint32_t>(fixed, place) == in_extra_field;
		};
		return number(42, (is_long(24) ? 8 : 0) + (is_long(20) ? 8 : 0));
	}

private:
	/// That is at `place`, or so far behind the beginning of the long numbers.
	uint64_t number(size_t place, size_t before) const
	{
		const auto number = number_at<uint32_t>(fixed, place);
		if (number != in_extra_field)
			return number;
		for (size_t at = 0; at < extra.size(); at += size_t{4} + number_at<uint16_t>(extra, at + 2))
			if (number_at<uint16_t>(extra, at) == 1)
				return number_at<uint64_t>(extra, at + 4 + before);
		return number;
	}
};

template<typename Action> void for_each_entry(const std::string &directory, const Action &action)
{
	constexpr size_t fixed = 46;
	for (std::string_view left = directory; !left.empty();) {
		const size_t name = number_at<uint16_t>(left, 28), extra = number_at<uint16_t>(left, 30),
			     comment = number_at<uint16_t>(left, 32);
		const size_t whole = fixed + name + extra + comment;
		if (!left.starts_with("PK\1\2") || whole > left.size())
			throw_damaged();
		action(Entry{left.substr(0, fixed), left.substr(fixed, name), left.substr(fixed + name, extra)});
		left.remove_prefix(whole);
	}
}

// Without the archive's own name before it; letters of any case are the same to LibTorch.
bool is_read_at_once(std::string_view path)
{
	std::string name(path.substr(std::min(path.size(), path.find('/') + 1)));
	std::ranges::transform(name, name.begin(), [](unsigned char letter) { return std::tolower(letter); });
	constexpr std::array<std::string_view, 3> names{"version", ".data/version", ".data/serialization_id"};
	return std::ranges::find(names, name) != names.end();
}

} // namespace

void require_small_preamble(const InputFile &archive)
{
	for_each_entry(read_directory(archive), [](const Entry &entry) {
		if (is_read_at_once(entry.name) && entry.size() > max_preamble_bytes)
			throw Error("engine.damaged", "the file is damaged: {}",
				    std::string(entry.name) + " claims more than a few words");
	});
}

void require_whole_records(const InputFile &file)
{
	const auto mapped = file.map();
	const std::string_view bytes = *mapped;
	if (!bytes.starts_with("PK\3\4"))
		return;
	for_each_entry(read_directory(file), [&](const Entry &entry) {
		constexpr uint16_t stored = 0;
		const auto checksum = number_at<uint32_t>(entry.fixed, 16);
		if (checksum == 0 || number_at<uint16_t>(entry.fixed, 10) != stored)
			return;
		constexpr size_t fixed = 30;
		const uint64_t header = entry.position();
		const uint64_t begin = header + fixed + number_at<uint16_t>(bytes, header + 26) +
				       number_at<uint16_t>(bytes, header + 28);
		const uint64_t size = entry.size();
		if (begin > bytes.size() || size > bytes.size() - begin)
			throw_damaged();
		if (crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data() + begin), size) != checksum)
			throw_damaged();
	});
}

} // namespace matting
