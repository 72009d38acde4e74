// SPDX-License-Identifier: GPL-2.0-or-later
// Which errors of CUDA end the engine: those after which the device answers no more, whatever they are called.
#include "inference/cuda/cuda_error.hpp"

#include <gmock/gmock.h>

namespace matting {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class CudaErrors : public testing::Test {
protected:
	~CudaErrors() override { cuda_stand_in::condition = cudaSuccess; }

	static std::string error_of(cudaError_t result, cudaError_t condition)
	{
		cuda_stand_in::condition = condition;
		try {
			check_cuda(result, "matting");
		} catch (const DeviceLost &error) {
			return std::string("lost: ") + error.what();
		} catch (const Error &error) {
			return error.what();
		}
		return "";
	}
};

TEST_F(CudaErrors, EndTheEngineWhenTheDeviceAnswersNoMore)
{
	for (const cudaError_t error : {cudaErrorIllegalAddress, cudaErrorLaunchFailure, cudaErrorUnknown,
					cudaErrorECCUncorrectable, static_cast<cudaError_t>(12345)})
		EXPECT_THAT(error_of(error, error), HasSubstr("lost: the graphics card has failed while matting"));
	EXPECT_THAT(error_of(cudaErrorUnknown, cudaErrorUnknown), HasSubstr("rmmod nvidia_uvm && modprobe nvidia_uvm"));
}

TEST_F(CudaErrors, LeaveTheEngineAloneWhenTheDeviceAnswers)
{
	EXPECT_EQ(error_of(cudaSuccess, cudaErrorUnknown), "");
	for (const cudaError_t condition : {cudaSuccess, cudaErrorNotReady, cudaErrorStreamCaptureImplicit})
		EXPECT_THAT(error_of(cudaErrorUnknown, condition),
			    HasSubstr("the graphics card cannot do it: matting"));
}

TEST_F(CudaErrors, AreNotProbedWhenTheyAreKnownToBeHarmless)
{
	EXPECT_THAT(error_of(cudaErrorMemoryAllocation, cudaErrorUnknown), HasSubstr("not enough memory for matting"));
}

TEST_F(CudaErrors, NameTheBuildWhenItHasNoKernelForTheCard)
{
	for (const cudaError_t error :
	     {cudaErrorInvalidDeviceFunction, cudaErrorNoKernelImageForDevice, cudaErrorInvalidPtx,
	      cudaErrorJitCompilerNotFound, cudaErrorUnsupportedPtxVersion})
		EXPECT_THAT(error_of(error, cudaErrorUnknown),
			    StartsWith("this build has nothing for this graphics card"))
			<< error;
}

TEST_F(CudaErrors, SayToRestartTheComputerWhenTheDriverWasUpdated)
{
	EXPECT_THAT(error_of(cudaErrorSystemDriverMismatch, cudaErrorSystemDriverMismatch),
		    AllOf(StartsWith("the NVIDIA driver has been updated"), HasSubstr("restart the computer")));
}

} // namespace
} // namespace matting
