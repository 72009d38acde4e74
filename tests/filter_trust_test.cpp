// SPDX-License-Identifier: GPL-2.0-or-later
// Whose code is run, and how that is kept.
#include "filter_test.hpp"

#include <string_view>
#include <thread>

#include <dlfcn.h>
#include <sys/stat.h>

namespace {

std::atomic<bool> hangs = false; // the disk with other.pth

void wait_for_disk(std::string_view path)
{
	while (hangs && path.ends_with("other.pth"))
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

} // namespace

/// One of these the plugin's std::filesystem calls: it may be that of LibTorch, which is in this program and older.
extern "C" __attribute__((visibility("default"))) int stat(const char *path, struct stat *status) noexcept
{
	static const auto look = reinterpret_cast<int (*)(const char *, struct stat *)>(dlsym(RTLD_NEXT, "stat"));
	wait_for_disk(path);
	return look(path, status);
}

extern "C" __attribute__((visibility("default"))) int __xstat(int version, const char *path, struct stat *status)
{
	static const auto look =
		reinterpret_cast<int (*)(int, const char *, struct stat *)>(dlsym(RTLD_NEXT, "__xstat"));
	wait_for_disk(path);
	return look(version, path, status);
}

namespace matting {
namespace {

using testing::HasSubstr;

class FilterAndTrust : public Filter {
protected:
	~FilterAndTrust() override { hangs = false; }

	bool is_refused(obs_source_t *filter) { return status(filter).find("other.pth") != std::string::npos; }

	// Whose code is not run yet.
	OBSSource filter_with_code()
	{
		const OBSSource filter = matting_filter();
		frames_with_room = 0;
		std::filesystem::copy_file(other_network(), other);
		update(filter, [&](obs_data_t *settings) {
			obs_data_set_string(settings, "model", other.c_str());
			obs_data_set_string(settings, "executor", "scripted");
			obs_data_set_int(settings, "threads", 2);
		});
		EXPECT_TRUE(wait_until([&] { return is_refused(filter); })) << status(filter);
		return filter;
	}

	const std::string other = config_folder / "other.pth";
};

TEST_F(FilterAndTrust, RunsAModelsCodeOnlyWhenTheUserHasAllowedThat)
{
	const OBSSource filter = filter_with_code();
	press(filter, "trust_model");
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(status(filter), HasSubstr("TorchScript, cpu, fp32"));
	EXPECT_THAT(label(filter, "trust_model"), HasSubstr("Do not run"));
	// That file was meant, and no other that comes to lie there.
	std::filesystem::last_write_time(other, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
	update(filter, [](obs_data_t *settings) { obs_data_set_int(settings, "threads", 1); });
	EXPECT_TRUE(wait_until([&] { return is_refused(filter); })) << status(filter);
	EXPECT_TRUE(wait_until([&] { return is_empty(); }));
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(FilterAndTrust, KnowsAtTheNextStartWhatWasAllowed)
{
	OBSSource filter = filter_with_code();
	press(filter, "trust_model");
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	const OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const OBSDataAutoRelease saved = obs_data_create_from_json(obs_data_get_json(settings));
	obs_source_filter_remove(camera, filter);
	filter = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_THAT(status(filter), HasSubstr("TorchScript, cpu, fp32"));
	press(filter, "trust_model");
	EXPECT_TRUE(wait_until([&] { return is_refused(filter); })) << status(filter);
}

TEST_F(FilterAndTrust, WaitsForNoDisk)
{
	const OBSSource filter = filter_with_code();
	press(filter, "trust_model");
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	hangs = true;
	update(filter, [](obs_data_t *settings) { obs_data_set_int(settings, "threads", 1); });
	wait_frames(30);
	EXPECT_TRUE(is_matted()) << "what was known stands";
	EXPECT_THAT(label(filter, "trust_model"), HasSubstr("Do not run"));
	hangs = false;
}

TEST_F(FilterAndTrust, SaysWhenItCannotBeKept)
{
	const OBSSource filter = filter_with_code();
	std::filesystem::create_directories(config_folder / "obs-background-matting" / "trusted_models" / "in the way");
	press(filter, "trust_model");
	EXPECT_TRUE(wait_until([&] { return status(filter).find("That was not kept") != std::string::npos; }))
		<< status(filter);
	EXPECT_THAT(label(filter, "trust_model"), HasSubstr("I trust it"));
}

TEST_F(Filter, OffersToRunCodeWhereThatHasAMeaning)
{
	const OBSSource filter = add_difference_filter();
	obs_properties_t *properties = obs_source_properties(filter);
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const auto is_offered = [&](const char *executor, const char *model) {
		obs_data_set_string(settings, "executor", executor);
		obs_data_set_string(settings, "model", model);
		obs_properties_apply_settings(properties, settings);
		return obs_property_visible(obs_properties_get(properties, "trust_model"));
	};
	EXPECT_FALSE(is_offered("fast", "model.pth"));
	EXPECT_FALSE(is_offered("scripted", "")) << "the bundled one is known";
	EXPECT_TRUE(is_offered("scripted", "model.pth"));
	obs_properties_destroy(properties);
}

} // namespace
} // namespace matting
