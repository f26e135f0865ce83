if(TARGET daicho_store_model)
  daicho_fuzz(set_codec SOURCES ${CMAKE_CURRENT_LIST_DIR}/../set_codec_fuzz.cc DEPS daicho_store_model)
endif()
