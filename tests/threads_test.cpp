// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/threads.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace matting {
namespace {

/// A tree of files in the place of /proc and /sys.
class ProcessorQuota : public testing::Test {
protected:
	ProcessorQuota()
	{
		std::string folder = std::filesystem::temp_directory_path() / "matting-quota-XXXXXX";
		root_ = mkdtemp(folder.data());
	}
	~ProcessorQuota() override { std::filesystem::remove_all(root_); }

	void write(const std::string &file, const std::string &text) const
	{
		const std::filesystem::path path = root_.string() + file;
		std::filesystem::create_directories(path.parent_path());
		std::ofstream(path) << text;
	}
	std::optional<double> quota() const { return processor_quota(root_.string()); }

private:
	std::filesystem::path root_;
};

TEST_F(ProcessorQuota, IsNoneWhereNothingIsSaid)
{
	EXPECT_FALSE(quota());
	write("/proc/self/cgroup", "0::/\nnonsense\n7:\n");
	EXPECT_FALSE(quota());
	write("/sys/fs/cgroup/cpu.max", "max 100000\n");
	EXPECT_FALSE(quota());
}

TEST_F(ProcessorQuota, IsThatOfAContainer)
{
	write("/proc/self/cgroup", "0::/\n");
	write("/sys/fs/cgroup/cpu.max", "250000 100000\n");
	EXPECT_EQ(quota(), 2.5);
}

TEST_F(ProcessorQuota, IsTheLeastOfAllGroupsAbove)
{
	write("/proc/self/cgroup", "0::/user.slice/obs.scope\n");
	write("/sys/fs/cgroup/user.slice/obs.scope/cpu.max", "max 100000\n");
	write("/sys/fs/cgroup/user.slice/cpu.max", "150000 50000\n");
	EXPECT_EQ(quota(), 3);
	write("/sys/fs/cgroup/user.slice/obs.scope/cpu.max", "100000 100000\n");
	EXPECT_EQ(quota(), 1);
}

TEST_F(ProcessorQuota, IsReadOfControlGroupsOfTheFirstVersion)
{
	write("/proc/self/cgroup", "4:memory:/docker/a\n2:cpu,cpuacct:/docker/a\n0::/docker/a\n");
	write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
	write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
	EXPECT_FALSE(quota());
	write("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us",
	      "200000\n"); // of the container, whose path on the host is another
	EXPECT_EQ(quota(), 2);
	write("/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_quota_us", "50000\n");
	write("/sys/fs/cgroup/cpu,cpuacct/docker/a/cpu.cfs_period_us", "100000\n");
	EXPECT_EQ(quota(), 0.5);
}

TEST(UsefulThreads, AreAtLeastOneAndNoMoreThanCores)
{
	EXPECT_GE(useful_threads(), 1);
	EXPECT_LE(useful_threads(), physical_cores());
}

} // namespace
} // namespace matting
