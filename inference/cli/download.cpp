// SPDX-License-Identifier: GPL-2.0-or-later
#include "download.hpp"

#include "interruption.hpp"
#include "progress.hpp"

#include "inference/matting.hpp"

#include <cstdio>
#include <memory>
#include <optional>

#include <curl/curl.h>
#include <fmt/format.h>

namespace matting {
namespace {

constexpr curl_off_t megabyte = 1'000'000, most_bytes = 2000 * megabyte;

struct Transfer {
	std::optional<Progress> progress;
	curl_off_t shown = 0; // megabytes
};

// Not 0: that is the end of it.
int on_progress(void *data, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t)
{
	auto &transfer = *static_cast<Transfer *>(data);
	if (total > 0 && !transfer.progress)
		transfer.progress.emplace(total / megabyte, "MB");
	if (const curl_off_t arrived = now / megabyte; transfer.progress && arrived > transfer.shown) {
		transfer.progress->advance(arrived - transfer.shown);
		transfer.shown = arrived;
	}
	return now > most_bytes || is_interrupted();
}

} // namespace

void download(const std::string &url, const std::filesystem::path &path)
{
	const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "wb"), std::fclose);
	const std::unique_ptr<CURL, void (*)(CURL *)> curl(curl_easy_init(), curl_easy_cleanup);
	if (!file || !curl)
		throw Error(fmt::format("cannot write {}", path.string()));
	char reason[CURL_ERROR_SIZE] = "";
	Transfer transfer;
	const auto set = [&](CURLoption option, auto value) {
		if (curl_easy_setopt(curl.get(), option, value) != CURLE_OK)
			throw Error("the installed libcurl is too old to download with: install a newer one");
	};
	set(CURLOPT_URL, url.c_str());
	set(CURLOPT_PROTOCOLS_STR, "https,file");
	set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
	set(CURLOPT_FOLLOWLOCATION, 1L);
	set(CURLOPT_FAILONERROR, 1L);
	set(CURLOPT_CONNECTTIMEOUT, 30L);
	set(CURLOPT_LOW_SPEED_LIMIT, 1000L); // bytes a second, for so many seconds
	set(CURLOPT_LOW_SPEED_TIME, 60L);
	set(CURLOPT_ERRORBUFFER, reason);
	set(CURLOPT_WRITEDATA, file.get());
	set(CURLOPT_NOPROGRESS, 0L);
	set(CURLOPT_XFERINFOFUNCTION, &on_progress);
	set(CURLOPT_XFERINFODATA, &transfer);
	const CURLcode result = curl_easy_perform(curl.get());
	transfer.progress.reset();
	if (is_interrupted())
		throw Error("interrupted: nothing was downloaded");
	if (result == CURLE_WRITE_ERROR || (result == CURLE_OK && std::fflush(file.get()) != 0))
		throw Error(fmt::format("cannot write {}: is the disk full?", path.string()));
	if (result != CURLE_OK)
		throw Error(fmt::format("cannot download {}: {}; check the network and try again", url,
					*reason ? reason : curl_easy_strerror(result)));
}

} // namespace matting
